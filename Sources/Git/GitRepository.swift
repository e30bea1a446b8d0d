import CLibgit2

/// An open repository: owns the C handle and frees it.
///
/// One thread at a time. Opening costs 0.2 ms, so open one for each operation and keep none.
package struct GitRepository: ~Copyable {
    let pointer: OpaquePointer

    /// Opens the repository whose Git directory is exactly `gitDirectory`; nothing is searched or discovered.
    ///
    /// `obeysItsConfiguration` is for tests that show what the trusted configuration keeps out.
    init(gitDirectory: String, bare: Bool, obeysItsConfiguration: Bool = false) throws(GitError) {
        try GitLibrary.start()
        var flags = GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue
        if bare { flags |= GIT_REPOSITORY_OPEN_BARE.rawValue }
        let opened = try gitPointer("open the repository '\(gitDirectory)'") {
            git_repository_open_ext(&$0, gitDirectory, flags, nil)
        }
        do {
            if !obeysItsConfiguration { try TrustedConfiguration.apply(to: opened) }
            // The name in reflogs; commits bring their own signatures.
            try git("set the identity") { git_repository_set_ident(opened, "runner", "runner@localhost") }
        } catch {
            git_repository_free(opened)
            throw error
        }
        pointer = opened
    }

    deinit {
        git_repository_free(pointer)
    }

    /// The Git directory, without a slash at the end: the administrative folder when this is a worktree.
    package var gitDirectory: String {
        Self.path(git_repository_path(pointer))
    }

    /// The directory with objects and references, without a slash at the end.
    package var commonDirectory: String {
        Self.path(git_repository_commondir(pointer))
    }

    private static func path(_ bytes: UnsafePointer<CChar>?) -> String {
        guard let bytes else { return "" }
        let path = String(cString: bytes)
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
