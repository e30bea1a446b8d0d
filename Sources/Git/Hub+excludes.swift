extension Hub {
    private static let begin = Array(
        "# What the person's own Git ignores, written by runner at each run; the rest of the file stays.\n".utf8)
    private static let end = Array("# End of it.\n".utf8)

    /// More than two files of the person's may hold, which the runner reads to 1 MiB each.
    static let excludesLimit = 4 << 20

    /// Has all worktrees of the hub ignore what the person's own Git ignores: `patterns` in the form of `.gitignore`.
    ///
    /// Git reads `info/exclude` for every worktree of a repository. What others wrote there stays, and weighs more.
    package func setPersonalExcludes(_ patterns: [UInt8]) throws(GitError) {
        var block: [UInt8] = []
        if !patterns.allSatisfy({ $0 == UInt8(ascii: "\n") }) {
            block = Self.begin + patterns + (patterns.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")]) + Self.end
        }
        let file = path + "/info/exclude"
        try withLock { () throws(GitError) in
            let known = Directory.read(file, limit: Self.excludesLimit) ?? []
            let rest = Self.foreignPart(of: known)
            guard block + rest != known else { return }
            try Directory.createParents(of: file)
            try Directory.write(block + rest, to: file)
        }
    }

    /// All of the file but the runner's block, which is at its beginning.
    private static func foreignPart(of file: [UInt8]) -> ArraySlice<UInt8> {
        guard file.starts(with: begin) else { return file[...] }
        let last = file.indices.dropLast(end.count - 1).first { file[$0...].starts(with: end) }
        return last.map { file[($0 + end.count)...] } ?? []
    }
}
