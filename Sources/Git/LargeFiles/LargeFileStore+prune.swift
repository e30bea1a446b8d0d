import CLibgit2
import CPlatform
import Glibc

extension LargeFileStore {
    private var aside: String { folder + "/unused" }

    /// What is here and was neither written nor wanted for `age` seconds, by hash.
    func hashes(unusedFor age: Int) throws(GitError) -> [String] {
        var found: [String] = []
        for outer in try Self.names(in: folder + "/objects") {
            for inner in try Self.names(in: "\(folder)/objects/\(outer)") {
                for name in try Self.names(in: "\(folder)/objects/\(outer)/\(inner)")
                where name.utf8.count == 64 && name.hasPrefix(outer + inner) {
                    if Self.isOld(path(name), age) { found.append(name) }
                }
            }
        }
        return found
    }

    /// What was put aside, by hash.
    var hashesAside: [String] { get throws(GitError) { try Self.names(in: aside).filter { $0.utf8.count == 64 } } }

    func putAside(_ hash: String) throws(GitError) {
        try Directory.createParents(of: aside + "/")
        try move(path(hash), to: "\(aside)/\(hash)")
    }

    func putBack(_ hash: String) throws(GitError) {
        try Directory.createParents(of: path(hash))
        // Somebody may have brought it anew.
        if access(path(hash), F_OK) == 0 {
            _ = try dropAside(hash)
        } else {
            try move("\(aside)/\(hash)", to: path(hash))
        }
    }

    /// Deletes what was put aside; returns its size.
    func dropAside(_ hash: String) throws(GitError) -> Int {
        var facts = stat()
        let path = "\(aside)/\(hash)"
        guard lstat(path, &facts) == 0, unlink(path) == 0 else { throw .system("delete '\(path)'", errno: errno) }
        return Int(facts.st_size)
    }

    /// Whether somebody wanted what was put aside in the last `age` seconds.
    func wasUsed(_ hash: String, within age: Int) -> Bool { !Self.isOld("\(aside)/\(hash)", age) }

    private func move(_ path: String, to other: String) throws(GitError) {
        guard rename(path, other) == 0 else { throw .system("move '\(path)'", errno: errno) }
    }

    private static func isOld(_ path: String, _ age: Int) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && time(nil) - facts.st_mtim.tv_sec >= age
    }

    private static func names(in folder: String) throws(GitError) -> [String] {
        guard access(folder, F_OK) == 0 else { return [] }
        return try DirectoryHandle.open(folder).names().compactMap { String(validating: $0, as: UTF8.self) }
    }
}
