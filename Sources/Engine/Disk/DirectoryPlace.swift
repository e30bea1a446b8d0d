package import Git

/// The parent of a path, reached from a trusted root without following a link or crossing a mount.
package struct DirectoryPlace {
    package let parent: DirectoryHandle
    package let name: [UInt8]

    /// Throws `.notFound` when a directory on the way is missing, and otherwise when the way is not plain.
    package init(_ path: String, beneath root: String) throws(GitError) {
        let (rootPath, fullPath) = (BytePath(root), BytePath(path))
        let operation = "reach '\(path)' beneath '\(root)'"
        guard root.hasPrefix("/"), path.hasPrefix("/"), fullPath != rootPath, fullPath.isWithin(rootPath) else {
            throw GitError(code: .invalidName, operation: operation, message: "it lies elsewhere")
        }
        var components = Array(fullPath.components[rootPath.components.count...])
        guard let last = components.popLast(), ![[0x2E], [0x2E, 0x2E]].contains(last),
            components.allSatisfy({ ![[0x2E], [0x2E, 0x2E]].contains($0) })
        else {
            throw GitError(code: .invalidName, operation: operation, message: "the path is not plain")
        }
        let cursor = DirectoryCursor(root: try DirectoryHandle.open(root))
        try cursor.seek(components)
        parent = cursor.current
        name = last
    }
}
