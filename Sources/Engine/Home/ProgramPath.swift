import CPlatform
import Glibc

/// Finds programs as a shell would.
package enum ProgramPath {
    /// The absolute path of `name` on `path` (the value of PATH), or of `name` itself when it holds a slash.
    package static func find(_ name: String, on path: String?) -> String? {
        if name.contains("/") {
            return isExecutable(name) ? name : nil
        }
        for folder in (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":") where folder.hasPrefix("/") {
            let candidate = "\(folder)/\(name)"
            if isExecutable(candidate) { return candidate }
        }
        return nil
    }

    /// The running program.
    static var own: String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    /// The folder of the running program, where `runner-shim` is installed beside `runner`.
    package static func ownFolder() -> String? {
        own.flatMap { path in path.lastIndex(of: "/").map { String(path[..<$0]) } }
    }

    private static func isExecutable(_ path: String) -> Bool {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return false }
        return access(path, X_OK) == 0
    }
}
