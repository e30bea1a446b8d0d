import Glibc

/// A failed step on the file system, with the path and the system's reason.
package struct DiskError: Error, Hashable, CustomStringConvertible {
    package let path: String
    /// A verb, as `move`.
    package let action: String
    package let errno: Int32

    package init(path: String, action: String, errno: Int32) {
        self.path = path
        self.action = action
        self.errno = errno
    }

    package var description: String { "could not \(action) '\(path)': \(String(cString: strerror(errno)))" }
}
