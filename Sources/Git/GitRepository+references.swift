import CLibgit2

extension GitRepository {
    /// The object that a reference names, through symbolic references; nil when there is none.
    package func reference(_ name: String) throws(GitError) -> ObjectID? {
        var oid = git_oid()
        let result = git_reference_name_to_id(&oid, pointer, name)
        if result == GIT_ENOTFOUND.rawValue {
            git_error_clear()
            return nil
        }
        try git("read reference '\(name)'") { result }
        return ObjectID(oid)
    }

    /// The branch beside which there can be none of the full name `name`: a part of its path, or one below it.
    func branchThatExcludes(_ name: String) throws(GitError) -> String? {
        var parts = name.split(separator: "/")
        while parts.count > 3 {
            parts.removeLast()
            let shorter = parts.joined(separator: "/")
            if try reference(shorter) != nil { return String(shorter.dropFirst("refs/heads/".count)) }
        }
        return try references(matching: name + "/*").first.map { String($0.name.dropFirst("refs/heads/".count)) }
    }

    /// Creates a reference; throws `.exists` when it is there already.
    package func createReference(_ name: String, at id: ObjectID, log: String = "") throws(GitError) {
        try create(name, at: id, force: false, log: log, operation: "create reference '\(name)'")
    }

    /// Sets a reference to `id` whatever it was, or creates it.
    package func setReference(_ name: String, to id: ObjectID, log: String = "") throws(GitError) {
        try create(name, at: id, force: true, log: log, operation: "set reference '\(name)'")
    }

    /// A process that was killed in the middle leaves a lock, which would be in the way for ever.
    private func create(
        _ name: String, at id: ObjectID, force: Bool, log: String, operation: String
    ) throws(GitError) {
        try StaleLock.retrying("\(commonDirectory)/\(name).lock") { () throws(GitError) in
            var oid = id.oid
            let reference = try gitPointer(operation) {
                git_reference_create(&$0, pointer, name, &oid, force ? 1 : 0, log)
            }
            git_reference_free(reference)
        }
    }

    /// Moves a reference from `old` to `id`, atomically; throws `.modified` when it is elsewhere or gone.
    package func updateReference(
        _ name: String, to id: ObjectID, expecting old: ObjectID, log: String = ""
    ) throws(GitError) {
        var oid = id.oid
        var expected = old.oid
        do throws(GitError) {
            let reference = try gitPointer("move reference '\(name)'") {
                git_reference_create_matching(&$0, pointer, name, &oid, 1, &expected, log)
            }
            git_reference_free(reference)
        } catch  where error.code == .notFound {
            throw GitError(code: .modified, klass: error.klass, operation: error.operation, message: error.message)
        }
    }

    /// Deletes a reference; none there is fine. With `old`, throws `.modified` when it names something else.
    package func deleteReference(_ name: String, expecting old: ObjectID? = nil) throws(GitError) {
        let reference: OpaquePointer
        do throws(GitError) {
            reference = try gitPointer("delete reference '\(name)'") { git_reference_lookup(&$0, pointer, name) }
        } catch  where error.code == .notFound {
            return
        }
        defer { git_reference_free(reference) }
        if let old, let target = git_reference_target(reference), ObjectID(target.pointee) != old {
            throw GitError(
                code: .modified, operation: "delete reference '\(name)'",
                message: "it names \(ObjectID(target.pointee)), not \(old)")
        }
        let packed = commonDirectory + "/packed-refs.lock"
        try StaleLock.retrying(packed) { () throws(GitError) in
            try git("delete reference '\(name)'") { git_reference_delete(reference) }
        }
    }

    /// Every reference whose full name matches `glob` (as `refs/heads/*`), sorted by name, with the object it names.
    ///
    /// Symbolic references are followed; those that lead nowhere, and damaged ones, are left out.
    package func references(matching glob: String) throws(GitError) -> [(name: String, id: ObjectID)] {
        let iterator = try gitPointer("list references '\(glob)'") {
            git_reference_iterator_glob_new(&$0, pointer, glob)
        }
        defer { git_reference_iterator_free(iterator) }
        var found: [(name: String, id: ObjectID)] = []
        while true {
            // With its object, as the packed references have it: by its name it would be looked for as a file first.
            var reference: OpaquePointer?
            let result = git_reference_next(&reference, iterator)
            if result == GIT_ITEROVER.rawValue { break }
            try git("list references '\(glob)'") { result }
            defer { git_reference_free(reference) }
            let name = String(cString: git_reference_name(reference))
            if let target = git_reference_target(reference) {
                found.append((name, ObjectID(target.pointee)))
            } else if let id = try self.reference(name) {
                found.append((name, id))
            }
        }
        return found.sorted { $0.name < $1.name }
    }
}
