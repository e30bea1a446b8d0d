import Foundation
import Testing

@testable import Engine

@Suite("files in conflict")
struct ConflictNameTests {
    @Test(
        "a name is plain where it can be, and else as Git writes it, from which the very bytes are known",
        arguments: [
            ("a b.txt", "a b.txt", Array("a b.txt".utf8)),
            (#""caf\303\251""#, "café", Array("café".utf8)),
            (#""caf\351.txt""#, #""caf\351.txt""#, Array("caf".utf8) + [0xE9] + Array(".txt".utf8)),
            (#""a\nb""#, #""a\nb""#, Array("a\nb".utf8)),
            (#""a\\b""#, #"a\b"#, Array(#"a\b"#.utf8)),
            (#""\"a\"""#, #""\"a\"""#, Array("\"a\"".utf8)),
        ])
    func names(git: String, text: String, bytes: [UInt8]) {
        let name = ConflictName(git: git)
        #expect(name.text == text)
        #expect(name.bytes == bytes)
        #expect(ConflictName(text: text).bytes == bytes)
    }

    @Test("markers are found however far into a file they stand, and whatever its name is")
    func markers() async throws {
        try await ScratchFolder.with { folder in
            let path = Array("\(folder.path)/caf".utf8) + [0xE9, 10]
            #expect(!ConflictMarkers.areLeft(in: path))
            let line = Array("\(String(repeating: "x", count: 99))\n".utf8)
            func write(_ more: String) throws {
                let file = try #require(fopen(path.map { CChar(bitPattern: $0) } + [0], "w"))
                for _ in 0..<700_000 { fwrite(line, 1, line.count, file) }
                fwrite(Array(more.utf8), 1, more.utf8.count, file)
                fclose(file)
            }
            // Nearly 70 MB, with what is looked for across the end of a piece in one of them.
            try write("<<<<<<< ours")
            #expect(ConflictMarkers.areLeft(in: path))
            try write("x<<<<<<< ours\n<<<<<<<\n=======\n")
            #expect(!ConflictMarkers.areLeft(in: path))
        }
    }
}
