import CLibgit2

/// Answers what attributes the commit that is being checked out gives a path, for one thread.
///
/// They are read from the commit's own `.gitattributes`, as `git checkout` does, and never from the files that are
/// being written beside them.
struct CheckoutAttributes {
    private let repository: OpaquePointer

    /// Puts an index in memory that holds nothing but the `.gitattributes` into `repository`.
    init(_ repository: borrowing GitRepository, plan: CheckoutPlan) throws(GitError) {
        self.repository = repository.pointer
        let index = try gitPointer("make an index") { git_index_new(&$0) }
        defer { git_index_free(index) }
        for entry in plan.entries where entry.mode & 0o170000 == 0o100000 && plan.isAttributes(entry) {
            var item = git_index_entry()
            item.mode = entry.mode
            item.id = entry.id
            let path = plan.pathBytes(entry)
            try git("read the attributes") {
                withCName(path) { name in
                    item.path = name
                    return git_index_add(index, &item)
                }
            }
        }
        try git("set the index") { git_repository_set_index(repository.pointer, index) }
    }

    /// What is to be done with the content of `path`.
    func conversion(_ path: UnsafePointer<CChar>) throws(GitError) -> ContentConversion {
        var values = [UnsafePointer<CChar>?](repeating: nil, count: Self.names.count)
        let flags = UInt32(GIT_ATTR_CHECK_INDEX_ONLY | GIT_ATTR_CHECK_NO_SYSTEM)
        try git("read the attributes of '\(String(cString: path))'") {
            Self.withNames { git_attr_get_many(&values, repository, flags, path, values.count, $0) }
        }
        return Self.conversion(values.map(Value.init))
    }

    /// The order of `git`'s convert_attrs.
    private static func conversion(_ values: [Value]) -> ContentConversion {
        var conversion = ContentConversion()
        var text = values[0]
        if ![.yes, .no, .text("auto"), .text("input")].contains(text) { text = values[1] }
        if text != .no, values[2] == .text("crlf") {
            conversion.lineEnds = text == .text("auto") ? .crlfWhereText : .crlf
        }
        conversion.expandsIdent = values[3] == .yes
        if case .text(let name) = values[4], !name.isEmpty { conversion.encoding = name }
        if case .text(let name) = values[5], !name.isEmpty { conversion.filter = name }
        return conversion
    }

    private enum Value: Equatable {
        case unset, yes, no
        case text(String)

        init(_ pointer: UnsafePointer<CChar>?) {
            switch git_attr_value(pointer) {
            case GIT_ATTR_VALUE_TRUE: self = .yes
            case GIT_ATTR_VALUE_FALSE: self = .no
            case GIT_ATTR_VALUE_STRING: self = pointer.map { .text(String(cString: $0)) } ?? .unset
            default: self = .unset
            }
        }
    }

    private static let names: [StaticString] = ["text", "crlf", "eol", "ident", "working-tree-encoding", "filter"]

    private static func withNames<R>(_ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> R) -> R {
        var pointers: [UnsafePointer<CChar>?] = names.map {
            UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self)
        }
        return body(&pointers)
    }
}
