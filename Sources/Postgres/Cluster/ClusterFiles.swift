import CPlatform
import Foundation
import Glibc

/// The few file operations that a cluster needs, with errors that name the path.
enum ClusterFiles {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes the folder, with just this mode, and its parents; existing ones stay as they are.
    static func makeFolder(_ path: String, mode: mode_t) throws(ClusterError) {
        if mkdir(path, mode) == 0 {
            // Under a strict umask the server's user could not pass a folder that was made for it.
            chmod(path, mode)
            return
        }
        switch errno {
        case EEXIST:
            guard FolderStatus(resolved(path)) == nil else { return }
            throw .system("make the database folder", path: path, errno: ENOTDIR)
        case ENOENT:
            let parent = FilePathText.parent(path)
            guard parent != path else { throw .system("make the database folder", path: path, errno: ENOENT) }
            try makeParent(parent)
            try makeFolder(path, mode: mode)
        case let number: throw .system("make the database folder", path: path, errno: number)
        }
    }

    /// Folders above ours are as the umask has them.
    private static func makeParent(_ path: String) throws(ClusterError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        let (number, parent) = (errno, FilePathText.parent(path))
        guard number == ENOENT, parent != path else {
            throw .system("make the database folder", path: path, errno: number)
        }
        try makeParent(parent)
        try makeParent(path)
    }

    /// The path without symbolic links; as it is when it cannot be resolved.
    static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    static func read(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }

    /// Replaces the file in one step, unless it has this text already.
    static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws(ClusterError) {
        guard read(path) != text else { return }
        let temporary = "\(path).\(getpid()).new"
        let descriptor = runner_open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .system("write", path: path, errno: errno) }
        fchmod(descriptor, mode)
        let bytes = Array(text.utf8)
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let number = errno
        close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else {
            let failure = isWritten ? errno : number
            unlink(temporary)
            throw .system("write", path: path, errno: failure == 0 ? ENOSPC : failure)
        }
    }

    static func remove(_ path: String) throws(ClusterError) {
        guard exists(path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            guard exists(path) else { return }
            throw .system("remove", path: path, errno: EACCES)
        }
    }

    /// The size of all files below, in bytes.
    static func size(_ path: String) -> Int {
        guard let files = FileManager.default.enumerator(atPath: path) else { return 0 }
        var total = 0
        while let file = files.nextObject() as? String {
            var status = stat()
            guard lstat("\(path)/\(file)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            total += Int(status.st_size)
        }
        return total
    }
}
