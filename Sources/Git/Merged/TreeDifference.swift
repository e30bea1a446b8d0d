import CLibgit2
import Glibc

/// The change between two trees; owns libgit2's object.
struct TreeDifference: ~Copyable {
    private let pointer: OpaquePointer

    /// `from` nil means the empty tree. Renames are not looked for.
    init(_ repository: borrowing GitRepository, from: ObjectID?, to: ObjectID) throws(GitError) {
        let old = try from.map { (id) throws(GitError) in try repository.tree(of: id) }
        defer { if let old { git_tree_free(old) } }
        let new = try repository.tree(of: to)
        defer { git_tree_free(new) }
        var options = git_diff_options()
        try git("prepare a diff") { git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)) }
        options.flags |= GIT_DIFF_INCLUDE_TYPECHANGE.rawValue
        pointer = try gitPointer("compare two trees") {
            git_diff_tree_to_tree(&$0, repository.pointer, old, new, &options)
        }
    }

    deinit { git_diff_free(pointer) }

    /// Which paths change and how, without a look into any file.
    var shape: [UInt8] {
        var shape: [UInt8] = []
        for position in 0..<git_diff_num_deltas(pointer) {
            guard let delta = git_diff_get_delta(pointer, position)?.pointee else { continue }
            shape += Self.bytes(delta.new_file.path ?? delta.old_file.path)
            shape += Array("\0\(delta.status.rawValue) \(delta.old_file.mode) \(delta.new_file.mode)\0".utf8)
        }
        return shape
    }

    /// Nil for no change at all.
    func identity() throws(GitError) -> PatchIdentity? {
        guard git_diff_num_deltas(pointer) > 0 else { return nil }
        var oid = git_oid()
        try git("compute a patch id") { git_diff_patchid(&oid, pointer, nil) }
        var binaries: [[UInt8]] = []
        for position in 0..<git_diff_num_deltas(pointer) {
            // Known only now that the contents were read.
            guard let delta = git_diff_get_delta(pointer, position)?.pointee, Self.hasNoLines(delta) else { continue }
            let ids = " \(ObjectID(delta.old_file.id)) \(ObjectID(delta.new_file.id))"
            binaries.append(Self.bytes(delta.new_file.path) + Array(ids.utf8))
        }
        return PatchIdentity(patch: ObjectID(oid), binaries: binaries)
    }

    /// Binary files and submodules.
    private static func hasNoLines(_ delta: git_diff_delta) -> Bool {
        let link = UInt16(GIT_FILEMODE_COMMIT.rawValue)
        return delta.flags & GIT_DIFF_FLAG_NOT_BINARY.rawValue == 0 || delta.old_file.mode == link
            || delta.new_file.mode == link
    }

    private static func bytes(_ path: UnsafePointer<CChar>?) -> [UInt8] {
        path.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
    }
}
