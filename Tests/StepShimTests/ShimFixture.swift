import Engine
import Foundation
import Testing

/// A temporary folder with one attempt directory and the `runner-shim` that was built beside the tests.
final class ShimFixture: Sendable {
    let root: String
    let launcher: ShimLauncher
    /// Unique, so that marked processes can be counted while other tests run.
    let id = "test-\(UUID().uuidString.lowercased())"

    init() throws {
        root = NSTemporaryDirectory().appending("shim-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(
            atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        launcher = try ShimLauncher.besideThisProgram()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    var attempt: String { root + "/attempt" }

    /// A spec that runs `script` with `/bin/sh`.
    func spec(_ script: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"]) -> AttemptSpec {
        AttemptSpec(id: id, arguments: ["/bin/sh", "-c", script], environment: environment, directory: root)
    }

    func run(_ spec: AttemptSpec) async throws -> AttemptExit {
        try await launcher.launch(spec, in: attempt).waitForExit()
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: attempt + "/" + name)))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }

    /// Waits until a script has written a process id to `name` in the root folder.
    func pid(_ name: String) async throws -> Int32 {
        let path = root + "/" + name
        try await eventually("\(name) is written") {
            (try? String(contentsOfFile: path, encoding: .utf8))?.hasSuffix("\n") == true
        }
        let text = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        return try #require(Int32(text))
    }

    /// Living processes that carry this attempt's marker.
    func markedProcesses() -> [Int32] {
        let entry = Array("\(AttemptSpec.markerName)=\(id)".utf8)
        let pids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return pids.filter { pid in
            guard let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
            return environment.split(separator: 0).contains { Array($0) == entry }
        }
    }
}

/// Whether the process exists and is no zombie.
func isAlive(_ pid: Int32) -> Bool {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat"),
        let end = data.lastIndex(of: UInt8(ascii: ")"))
    else { return false }
    return data.dropFirst(end - data.startIndex + 2).first != UInt8(ascii: "Z")
}

/// Polls until `condition` holds; records an issue and throws when it does not within `limit`.
func eventually(
    _ what: String, within limit: Duration = .seconds(20), _ condition: () throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try !condition() {
        try #require(ContinuousClock.now < end, "waited too long until \(what)")
        try await Task.sleep(for: .milliseconds(5))
    }
}
