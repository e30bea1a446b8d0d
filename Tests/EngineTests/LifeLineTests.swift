import Foundation
import Glibc
import Testing

@testable import Engine

@Suite("the file of a host's sign of life")
struct LifeLineTests {
    /// In seconds; as a shim reads it.
    private func read(_ path: String) throws -> Double? {
        Int64(try String(contentsOfFile: path, encoding: .utf8)).map { (Double($0) / 1000).rounded() }
    }

    @Test("it is moved by each heartbeat, also where no new file can be written")
    func moved() async throws {
        try await ScratchFolder.with { folder in
            let path = folder.path + "/lifeline"
            let line = LifeLine(path: path, span: .seconds(5))
            line.extend(from: .seconds(100))
            #expect(try read(path) == 105)
            // Stands in the place of the file that would take the old one's place.
            let temporary = "\(path).\(getpid())"
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
            line.extend(from: .seconds(100_000))
            #expect(try read(path) == 100_005)
            line.extend(from: .seconds(100_001))
            #expect(try read(path) == 100_006)
            try FileManager.default.removeItem(atPath: temporary)
            line.extend(from: .seconds(100_002))
            #expect(try read(path) == 100_007)
        }
    }
}
