import Foundation
import Git
import Glibc

/// An origin of many files, made here, and a hub that fetched it.
struct TestBed {
    let root: String
    let hub: Hub
    let base: ObjectID
    /// The commit before it: twenty files differ.
    let earlier: ObjectID
    let bytes: Int

    init(folder: String, files: Int) throws {
        root = folder
        let origin = folder + "/origin"
        try FileManager.default.createDirectory(atPath: origin, withIntermediateDirectories: true)
        var total = 0
        for number in 0..<files {
            let path = "\(origin)/\(TestBed.path(number))"
            if number % 40 < 8 {
                try FileManager.default.createDirectory(
                    atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
                    withIntermediateDirectories: true)
            }
            let text = TestBed.text(number)
            total += text.utf8.count
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
        bytes = total
        try Program.git("init", "-q", "-b", "main", in: origin)
        try Program.git("add", "-A", in: origin)
        try Program.git("commit", "-q", "-m", "first", in: origin)
        for number in 0..<20 {
            try Data("changed \(number)\n".utf8).write(to: URL(fileURLWithPath: "\(origin)/\(TestBed.path(number))"))
        }
        try Program.git("commit", "-q", "-a", "-m", "second", in: origin)
        hub = try Hub.create(at: folder + "/hub.git")
        try Program.git("fetch", "-q", origin, "+refs/heads/*:refs/remotes/origin/*", in: hub.path)
        let repository = try hub.open()
        guard let tip = try repository.reference("refs/remotes/origin/main"),
            let parent = ObjectID(try Program.output("rev-parse", "\(tip.hex)^", in: hub.path))
        else { throw CocoaError(.fileNoSuchFile) }
        (base, earlier) = (tip, parent)
    }

    /// About 40 files in 8 folders a branch, as source trees have them.
    static func path(_ number: Int) -> String {
        "area\(number / 2_000)/part\(number / 40)/unit\(number % 8)/file\(number).swift"
    }

    /// Between 100 bytes and 25 KiB, mostly small, like source text to a compressor.
    private static func text(_ number: Int) -> String {
        var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 | 1
        var next: UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        let lines = 3 + Int(next % 40) * (next % 12 == 0 ? 15 : 1)
        return (0..<lines).map { "    let value\($0 % 17) = compute\(next % 4096)(\(number), index: \($0))\n" }.joined()
    }
}
