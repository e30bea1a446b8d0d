import ArgumentParser
import Postgres
import Store

/// Times the statements of the engine's hot path on a database that `runner db migrate` has prepared.
///
/// Called by `bench/engine/run`, which measures the floor and the peers on the same server in the same minute. Prints
/// one `name value unit` a line.
@main
struct EngineBench: AsyncParsableCommand {
    enum Measure: String, CaseIterable, ExpressibleByArgument {
        case step, runs, pickup
    }

    @Argument(help: "A connection string of libpq.")
    var target: String

    @Argument(help: "step, runs or pickup.")
    var measure: Measure

    @Option(help: "How many steps, runs or pick-ups.")
    var count = 1000

    func run() async throws {
        let target = try ConnectionTarget(target)
        let workload = try await Workload.open(target)
        switch measure {
        case .step:
            let seconds = try await workload.steps(count)
            print("step \(seconds / Double(count) * 1000) ms")
        case .runs:
            let seconds = try await workload.runs(count)
            print("runs \(Double(count) / seconds) per_second")
        case .pickup:
            let waits = try await workload.pickups(count, target: target).sorted()
            print("pickup_p50 \(waits[waits.count / 2]) ms")
            print("pickup_p99 \(waits[min(waits.count - 1, waits.count * 99 / 100)]) ms")
        }
    }
}
