import CPlatform
import Glibc

extension Worktree {
    /// Has the submodules of a worktree that was made from what `original` had, or moved from its place, belong to their
    /// Git directories here, and these to them.
    ///
    /// A submodule whose configuration does not say any more that it is inside the original stays as it is.
    package func relinkSubmodules(of original: Worktree) throws(GitError) {
        try relink(adminPath + "/modules", from: original.path, depth: 0)
    }

    /// Names of submodules can have slashes, and submodules can hold others.
    private func relink(_ folder: String, from old: String, depth: Int) throws(GitError) {
        let descriptor = runner_open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard depth < 64, descriptor >= 0 else { return }
        for name in Directory.names(closing: descriptor) ?? [] {
            guard let name = String(validating: name, as: UTF8.self) else { continue }
            let inner = "\(folder)/\(name)"
            guard access(inner + "/HEAD", F_OK) == 0 else {
                try relink(inner, from: old, depth: depth + 1)
                continue
            }
            try relinkOne(inner, from: old)
            try relink(inner + "/modules", from: old, depth: depth + 1)
        }
    }

    private func relinkOne(_ gitDirectory: String, from old: String) throws(GitError) {
        guard let bytes = Directory.read(gitDirectory + "/config") else { return }
        // As our own checkout wrote it; nothing else in the file is read.
        let start = "\tworktree = " + Submodule.quoted(old + "/").dropLast()
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard let number = lines.firstIndex(where: { $0.hasPrefix(start) && $0.hasSuffix("\"") }) else { return }
        let place = lines[number].dropFirst(start.count).dropLast()
        let path = Self.unquoted(place)
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { ["", ".", "..", ".git"].contains($0) }) else { return }
        lines[number] = "\tworktree = " + Submodule.quoted(self.path + "/").dropLast() + place + "\""
        guard try link(path, to: gitDirectory) else { return }
        try Directory.write(Array(lines.joined(separator: "\n").utf8), to: gitDirectory + "/config")
    }

    /// Writes the submodule's `.git`; false where its directory is gone or has something else by that name.
    private func link(_ path: String, to gitDirectory: String) throws(GitError) -> Bool {
        let root = runner_open(self.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard root >= 0 else { throw .system("open the directory '\(self.path)'", errno: errno) }
        defer { close(root) }
        let folder = path.withCString { runner_open_beneath(root, $0) }
        guard folder >= 0 else { return false }
        defer { close(folder) }
        let file = runner_openat(folder, ".git", O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
        guard file >= 0 else { return false }
        defer { close(file) }
        let text = Array("gitdir: \(gitDirectory)\n".utf8)
        guard write(file, text, text.count) == text.count else { throw .system("write '\(path)/.git'", errno: errno) }
        return true
    }

    private static func unquoted(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                result.append(character == "n" ? "\n" : character == "t" ? "\t" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}
