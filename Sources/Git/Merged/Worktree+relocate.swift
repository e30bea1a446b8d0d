extension Worktree {
    /// Makes the administrative folder point to this directory, which a person moved here.
    package func pointAdminHere() throws(GitError) {
        try checkNames()
        try hub.withLock { () throws(GitError) in
            try Directory.write(Array("\(linkPath)\n".utf8), to: adminPath + "/gitdir")
        }
    }
}
