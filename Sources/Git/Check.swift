import CLibgit2

/// Calls libgit2 and turns a negative result into an error, read and cleared on this very thread.
///
/// `operation` completes "could not …".
@discardableResult
func git(_ operation: @autoclosure () -> String, _ call: () -> Int32) throws(GitError) -> Int32 {
    let result = call()
    guard result >= 0 else { throw GitError.last(code: result, operation: operation()) }
    return result
}

/// The same for calls that hand out a pointer, which the caller then owns.
func gitPointer(
    _ operation: @autoclosure () -> String, _ call: (inout OpaquePointer?) -> Int32
) throws(GitError) -> OpaquePointer {
    var pointer: OpaquePointer?
    let result = call(&pointer)
    guard result >= 0, let pointer else { throw GitError.last(code: result, operation: operation()) }
    return pointer
}
