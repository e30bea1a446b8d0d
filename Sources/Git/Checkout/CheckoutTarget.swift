/// What a checkout fills: a directory, and the Git directory that gets its index.
protocol CheckoutTarget: Sendable {
    /// Absolute path of the directory.
    var path: String { get }
    /// Absolute path of the folder with HEAD and index.
    var adminPath: String { get }
    /// A repository whose `info/attributes` reach every path.
    var hub: Hub { get }

    func open() throws(GitError) -> GitRepository
    /// Takes away all that a checkout wrote.
    func emptyDirectory() throws(GitError)
}

extension Worktree: CheckoutTarget {}
