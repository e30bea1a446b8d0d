import CLibgit2
import CPlatform
import Glibc

extension Hub {
    /// Removes files of ours, and folders, that a killed process left in the middle of writing them and that nobody
    /// touched for `age` seconds; returns how many.
    ///
    /// Those are what `git prune` does not know: copies on their way into the store of large files, packs that were being
    /// taken in, and objects that were being copied from another file system.
    @discardableResult
    package func removeLeftovers(age: Int) throws(GitError) -> Int {
        var found = try Self.names(in: path + "/lfs/tmp").filter { $0.hasPrefix("runner-") }.map { "lfs/tmp/\($0)" }
        found += try Self.names(in: path).filter { $0.hasPrefix("taking-") }
        for folder in try Self.names(in: path + "/objects") where folder.utf8.count == 2 || folder == "pack" {
            found += try Self.names(in: "\(path)/objects/\(folder)").filter { $0.hasSuffix(".tmp") }
                .map { "objects/\(folder)/\($0)" }
        }
        var removed = 0
        for name in found {
            var facts = stat()
            guard lstat("\(path)/\(name)", &facts) == 0, time(nil) - facts.st_mtim.tv_sec >= age else { continue }
            Directory.removeTree("\(path)/\(name)")
            removed += 1
        }
        return removed
    }

    static func names(in folder: String) throws(GitError) -> [String] {
        guard access(folder, F_OK) == 0 else { return [] }
        return try DirectoryHandle.open(folder).names().map { String(decoding: $0, as: UTF8.self) }
    }
}
