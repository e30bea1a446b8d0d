import Glibc

/// Facts about Unix sockets that PostgreSQL leaves to its callers.
enum UnixSocket {
    /// `sun_path` has 108 bytes with the closing NUL.
    static let maximumPathLength = 107

    /// Where libpq looks for a server in a folder; the private cluster's own port is 5432.
    static func path(in folder: String, port: String = "5432") -> String { "\(folder)/.s.PGSQL.\(port)" }

    static func accepts(_ path: String) -> Bool {
        let descriptor = open(path) { connect($0, $1, $2) }
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    /// A socket that listens at `path` for this user alone, in the place of what is there; -1 when it cannot.
    static func listen(_ path: String) -> Int32 {
        unlink(path)
        let descriptor = open(path) { bind($0, $1, $2) }
        guard descriptor >= 0 else { return -1 }
        guard chmod(path, 0o600) == 0, Glibc.listen(descriptor, 16) == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    private static func open(
        _ path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        guard path.utf8.count <= maximumPathLength else { return -1 }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return -1 }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }
}
