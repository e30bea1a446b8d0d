extension Worktree {
    /// Whether there is an administrative folder that says it belongs to this very directory.
    package var isAdminHere: Bool {
        Directory.read(adminPath + "/gitdir") == Array("\(linkPath)\n".utf8)
    }

    /// Makes the administrative folder point to this directory, which a person moved here.
    package func pointAdminHere() throws(GitError) {
        try checkNames()
        try hub.withLock { () throws(GitError) in
            let old = Directory.read(adminPath + "/gitdir").map { String(decoding: $0, as: UTF8.self) }
            try Directory.write(Array("\(linkPath)\n".utf8), to: adminPath + "/gitdir")
            if let old, old.hasSuffix("/.git\n") { try moveIndex(from: String(old.dropLast("/.git\n".count))) }
        }
    }
}
