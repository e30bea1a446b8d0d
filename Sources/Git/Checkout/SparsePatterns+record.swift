/// What a worktree was made with is written down beside its index, for the day that the index is lost.
extension SparsePatterns {
    private static let file = "runner-sparse"

    /// Writes the folders into the administrative folder of a worktree.
    func record(in folder: String) throws(GitError) {
        try Directory.write(Array(folders.map(\.bytes).joined(separator: [0])), to: "\(folder)/\(Self.file)")
    }

    /// Nil when the worktree was made whole.
    static func recorded(in folder: String) -> SparsePatterns? {
        guard let bytes = Directory.read("\(folder)/\(file)", limit: 1 << 24) else { return nil }
        return SparsePatterns(paths: bytes.split(separator: 0).map { BytePath(Array($0)) })
    }
}
