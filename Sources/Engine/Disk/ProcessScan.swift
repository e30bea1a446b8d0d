import CPlatform
import Glibc

/// Finds the processes that are inside a directory, from /proc.
package enum ProcessScan {
    /// Every process with its working directory, root, program or an open file at or beneath `path`.
    ///
    /// A process in another mount namespace is seen too, by device and inode. One that may not be looked at is
    /// returned with `.unknown`. Kernel threads and the caller itself are left out.
    package static func insidePaths(_ path: String) throws -> [ProcessInside] {
        let target = try DirectoryIdentity(of: path)
        guard let proc = opendir("/proc") else { throw DiskError(path: "/proc", action: "read", errno: errno) }
        defer { closedir(proc) }
        let prefix = Array((realPath(path) ?? path).utf8)
        let namespace = link("/proc/self/ns/mnt")
        var found: [ProcessInside] = []
        while let entry = readdir(proc) {
            guard let pid = number(entry), pid != getpid() else { continue }
            let probe = ProcessProbe(pid: pid, prefix: prefix, target: target, ownNamespace: namespace)
            if let hold = probe.hold() { found.append(probe.describe(hold)) }
        }
        return found.sorted { $0.pid < $1.pid }
    }

    private static func number(_ entry: UnsafeMutablePointer<dirent>) -> Int32? {
        withUnsafePointer(to: &entry.pointee.d_name) { tuple in
            Int32(String(cString: UnsafeRawPointer(tuple).assumingMemoryBound(to: CChar.self)))
        }
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Where a link of /proc points; nil with errno set when it cannot be read.
    static func link(_ path: String) -> [UInt8]? {
        var buffer = [CChar](repeating: 0, count: 4097)
        let count = readlink(path, &buffer, buffer.count)
        guard count >= 0 else { return nil }
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }
}
