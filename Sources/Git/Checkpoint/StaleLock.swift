import CLibgit2
import CPlatform
import Glibc

/// Lock files that a killed `git` left behind.
enum StaleLock {
    /// How long a lock may be held by someone living; `git` holds one for milliseconds.
    static let patience = 1_000_000

    /// Runs `body`; while it throws `.locked`, waits, and at last removes a lock that stayed the same file throughout.
    ///
    /// For use between steps only, when no agent runs in the worktree.
    static func retrying(_ path: String, _ body: () throws(GitError) -> Void) throws(GitError) {
        let first = identity(path)
        var waited = 0
        while true {
            do throws(GitError) {
                return try body()
            } catch  where error.code == .locked && waited < patience {
                usleep(20_000)
                waited += 20_000
            } catch  where error.code == .locked && first != nil && identity(path) == first {
                unlink(path)
                return try body()
            }
        }
    }

    /// Removes the lock at `path` when it stays the same file for a second; true when it was removed.
    static func clear(_ path: String) -> Bool {
        guard let first = identity(path) else { return false }
        var waited = 0
        while waited < patience {
            usleep(20_000)
            waited += 20_000
            guard identity(path) == first else { return false }
        }
        return unlink(path) == 0
    }

    /// The same for each of `names` in a folder; true when one of them was removed.
    static func clear(_ names: [String], in folder: String) -> Bool {
        names.map { clear("\(folder)/\($0)") }.contains(true)
    }

    private static func identity(_ path: String) -> [Int]? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return [Int(status.st_ino), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
}
