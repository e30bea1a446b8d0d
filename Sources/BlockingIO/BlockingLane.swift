/// Runs blocking work one piece after the other on a thread of its own.
package actor BlockingLane {
    private let executor: BlockingExecutor

    package init(label: String) {
        executor = BlockingExecutor(label: label)
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs `body` to its end, whatever happens to the calling task; nothing interleaves.
    package func run<T: Sendable>(_ body: @Sendable () throws -> T) throws -> T {
        try body()
    }
}
