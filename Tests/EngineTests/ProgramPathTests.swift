import Foundation
import Glibc
import Testing

@testable import Engine

@Suite struct ProgramPathTests {
    @Test("the first executable file on the path is found, as a shell would")
    func order() async throws {
        try await ScratchFolder.with { folder in
            try folder.makeFolder("one/tool")
            try folder.write("two/tool", mode: 0o644)
            let third = try folder.write("three/tool", mode: 0o755)
            try folder.write("four/tool", mode: 0o755)
            let path = ["one", "two", "three", "four"].map { "\(folder.path)/\($0)" }.joined(separator: ":")
            #expect(ProgramPath.find("tool", on: path) == third)
            #expect(ProgramPath.find("tool", on: "::" + path + ":") == third)
            #expect(ProgramPath.find("other", on: path) == nil)
            #expect(ProgramPath.find("", on: path) == nil)
        }
    }

    @Test("folders that depend on where the runner stands are not searched")
    func relative() async throws {
        try await ScratchFolder.with { folder in
            try folder.write("tool", mode: 0o755)
            let depth = FileManager.default.currentDirectoryPath.split(separator: "/").count
            let relative = String(repeating: "../", count: depth) + folder.path.dropFirst()
            #expect(access(relative + "/tool", X_OK) == 0)
            #expect(ProgramPath.find("tool", on: relative) == nil)
            #expect(ProgramPath.find("tool", on: "") == nil)
        }
    }

    @Test("a name with a slash stands for itself; without PATH the usual folders are searched")
    func others() async throws {
        try await ScratchFolder.with { folder in
            let tool = try folder.write("tool", mode: 0o755)
            #expect(ProgramPath.find(tool, on: nil) == tool)
            #expect(ProgramPath.find(folder.path + "/none", on: folder.path) == nil)
            #expect(ProgramPath.find("sh", on: nil)?.hasSuffix("/sh") == true)
        }
    }

    @Test("the running program's own folder is known")
    func own() throws {
        let folder = try #require(ProgramPath.ownFolder())
        #expect(folder.hasPrefix("/") && access(folder, X_OK) == 0)
    }
}
