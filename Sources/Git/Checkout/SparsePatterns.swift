/// The part of a tree that is wanted: whole folders, as `git sparse-checkout` has them in cone mode.
///
/// The files of the top and of each folder on the way to a wanted one come along.
package struct SparsePatterns: Sendable, Hashable {
    let folders: [BytePath]

    /// Nil when `folders` names nothing, which means everything. Slashes at the ends do not matter.
    package init?(folders: [String]) {
        self.init(
            paths: folders.map { folder in
                BytePath(Array(folder.utf8.split(separator: BytePath.slash).joined(separator: [BytePath.slash])))
            })
    }

    init?(paths: [BytePath]) {
        if paths.isEmpty || paths.contains(where: \.isEmpty) { return nil }
        self.folders = paths
    }

    func includes(_ path: [UInt8]) -> Bool {
        let parent = BytePath(path).parent
        return parent.isEmpty || folders.contains { parent.isWithin($0) || $0.isWithin(parent) }
    }
}
