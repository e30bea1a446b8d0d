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

    /// The running program, or what an upgrade has put in its place meanwhile.
    static var own: String? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink("/proc/self/exe", &target, Int(PATH_MAX)) > 0 else { return nil }
        let path = String(decoding: target.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        if access(path, F_OK) == 0 { return path }
        // Linux adds this to the path of a file that is no longer there.
        let former = path.hasSuffix(gone) ? String(path.dropLast(gone.count)) : path
        return access(former, F_OK) == 0 ? former : nil
    }

    private static let gone = " (deleted)"

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
