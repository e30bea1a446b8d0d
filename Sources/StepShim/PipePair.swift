import CPlatform
import Glibc

/// A pipe whose both ends close on exec.
struct PipePair {
    let reading: Int32
    let writing: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard runner_pipe(&ends) == 0 else { throw ShimFailure("make pipe") }
        reading = ends[0]
        writing = ends[1]
    }
}
