import Foundation
import Testing

@testable import Engine

@Suite("processes that are about to end")
struct ProcessProbeTests {
    @Test(
        "one that has ended, or gives back its memory, holds nothing; one that lives may",
        arguments: [
            ("7 (sh) Z 1 7 7 0 -1 4227084 0", true), ("7 (sh) X 1 7 7 0 -1 0 0", true),
            // The kernel's PF_EXITING, as it was seen of a python3 that gave back 150 MB.
            ("7 (python3) R 1 7 7 0 -1 4194308 0", true), ("7 (a) Z 1) R 1 7 7 0 -1 4194304 0", false),
            ("7 (sh) S 1 7 7 0 -1 4194304 0", false), ("7 (sh) R", false), ("", false),
        ])
    func ended(line: String, expected: Bool) {
        #expect(ProcessProbe.hasEnded(stat: Data(line.utf8)) == expected)
    }

    @Test("this process lives")
    func alive() throws {
        let line = try #require(FileManager.default.contents(atPath: "/proc/self/stat"))
        #expect(!ProcessProbe.hasEnded(stat: line))
    }
}
