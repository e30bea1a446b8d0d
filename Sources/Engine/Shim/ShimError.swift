import Glibc

/// The shim or its files could not be used; how a command ended is never an error.
package struct ShimError: Error, CustomStringConvertible, Sendable {
    /// The failed action, as in "write spec".
    package let operation: String
    /// The errno behind it; 0 when the reason is in `operation` alone.
    package let code: Int32

    package init(_ operation: String, code: Int32 = errno) {
        self.operation = operation
        self.code = code
    }

    package var description: String {
        code == 0 ? operation : "\(operation): \(String(cString: strerror(code)))"
    }
}
