package import Dispatch

/// Runs an actor's jobs on one private serial thread, so that a blocking C call there starves nobody else.
///
/// `DispatchSerialQueue` is not available on Linux, so the executor wraps a plain serial queue.
package final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// The label shows in a debugger and in crash reports.
    package init(label: String) {
        queue = DispatchQueue(label: label)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { job.runSynchronously(on: executor) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// A source whose handlers run on this executor's thread, so that an actor pinned here may `assumeIsolated` in them.
    ///
    /// The caller resumes it, and keeps the descriptor open until the cancel handler has run.
    package func makeReadSource(descriptor: Int32) -> any DispatchSourceRead {
        DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
    }

    package func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
