import CLibgit2
import Foundation
import TestSupport
import Testing

@testable import Git

@Suite struct PackReaderTests {
    /// Files that Git makes deltas of, and some at the edges.
    private static let files: [String: String] = {
        var random = SeededGenerator(seed: 1)
        var lines = (0..<400).map { "\($0) \(random.next())\n" }
        var files = ["empty": "", "one": "1", "large": String(repeating: "0123456789abcde\n", count: 80_000)]
        for number in 0..<40 {
            lines[Int(random.next() % 400)] = "changed \(number)\n"
            lines.swapAt(number, 399 - number)
            files["file\(number)"] = lines.joined()
        }
        return files
    }()

    private func ids(_ fixture: GitFixture, _ base: ObjectID) async throws -> [ObjectID] {
        try await fixture.tree(base).compactMap { line in ObjectID(String(line.split(separator: " ")[2].prefix(40))) }
    }

    private func isContent(_ content: [UInt8], of id: ObjectID) -> Bool {
        var found = git_oid()
        git_odb_hash(&found, content, content.count, GIT_OBJECT_BLOB)
        return ObjectID(found) == id
    }

    @Test("unpacks what git packed, with both kinds of deltas", arguments: ["true", "false"])
    func unpacks(offsets: String) async throws {
        try await GitFixture.with(files: Self.files) { fixture, base in
            try await fixture.git(
                "-c", "repack.useDeltaBaseOffset=\(offsets)", "repack", "-adfq", "--depth=20", in: fixture.hub.path)
            var reader = PackReader(PackFile.all(in: fixture.hub.path + "/objects"))
            let ids = try await ids(fixture, base)
            #expect(ids.count == Self.files.count)
            let depth = try await fixture.git(
                "cat-file", "--batch-check=%(deltabase)", "--batch-all-objects", in: fixture.hub.path)
            #expect(depth.split(separator: "\n").contains { $0.contains { $0 != "0" } })
            for id in ids.shuffled() {
                let content = reader.blob(id.oid)
                #expect(isContent(try #require(content), of: id))
            }
            // A tree is no blob, and the other is nowhere.
            for id in [try fixture.hub.open().treeID(of: base).oid, git_oid()] {
                let content = reader.blob(id)
                #expect(content == nil)
            }
        }
    }

    @Test("a damaged pack crashes nothing")
    func damaged() async throws {
        try await GitFixture.with(files: Self.files) { fixture, base in
            try await fixture.git("repack", "-adfq", in: fixture.hub.path)
            let ids = try await ids(fixture, base)
            let folder = fixture.hub.path + "/objects/pack"
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            let whole = try names.map { ($0, try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))) }
            var random = SeededGenerator(seed: 2)
            var read = 0
            for round in 0..<150 {
                for (name, content) in whole {
                    var bytes = content
                    if name.hasSuffix(round % 3 == 0 ? ".idx" : ".pack") {
                        for _ in 0..<20 {
                            bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
                        }
                        if round % 5 == 0 { bytes = bytes.prefix(Int(random.next() % UInt64(bytes.count))) }
                    }
                    unlink("\(folder)/\(name)")
                    try bytes.write(to: URL(filePath: "\(folder)/\(name)"))
                }
                var reader = PackReader(PackFile.all(in: fixture.hub.path + "/objects"))
                for id in ids where reader.blob(id.oid) != nil { read += 1 }
            }
            #expect(read > 0 && read < 150 * ids.count)
        }
    }

    @Test("a delta that reaches beyond its base, its end or the result is refused")
    func hostileDeltas() {
        let base = Array("0123456789".utf8)
        #expect(PackReader.apply([10, 3, 0x91, 2, 3], to: base) == Array("234".utf8))
        #expect(PackReader.apply([10, 4, 2, 65, 66, 0x90, 2], to: base) == Array("AB01".utf8))
        for delta: [UInt8] in [
            [], [10], [9, 3, 0x91, 2, 3], [10, 3, 0x91, 8, 3], [10, 2, 0x91, 2, 3], [10, 4, 0x91, 2, 3],
            [10, 3, 0x91, 2], [10, 3, 0], [10, 3, 3, 65], [10, 3, 0x80], [10, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
            [0xFF, 0xFF], [10, 3, 0xFF, 255, 255, 255, 255, 255, 255, 255],
        ] { #expect(PackReader.apply(delta, to: base) == nil) }
    }
}
