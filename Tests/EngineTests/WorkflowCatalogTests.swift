import Foundation
import Glibc
import RunnerCore
import Testing

@testable import Engine

@Suite struct WorkflowCatalogTests {
    private static func text(_ name: String) -> String {
        "name: \(name)\nsteps:\n  - id: one\n    run: 'true'\n"
    }

    private static func load(_ name: String, _ environment: [String: String] = [:]) throws -> WorkflowCatalog.Found {
        try WorkflowCatalog(environment: environment).load(name, knownAgents: AgentCatalog.workflowNames)
    }

    private static func code(_ name: String, _ environment: [String: String] = [:]) -> EngineError.Code? {
        do {
            _ = try load(name, environment)
            return nil
        } catch {
            return (error as? EngineError)?.code
        }
    }

    @Test("every bundled workflow is valid and goes by its name", arguments: WorkflowCatalog.bundledNames)
    func bundled(name: String) throws {
        let found = try Self.load(name)
        #expect(found.name == name && found.origin == "bundled:\(name)")
        #expect(!found.definition.steps.isEmpty)
    }

    @Test("the default and the script workflow are bundled")
    func names() {
        #expect(Set(["default", "script"]).isSubset(of: WorkflowCatalog.bundledNames))
        #expect(WorkflowCatalog.bundledNames == WorkflowCatalog.bundledNames.sorted())
    }

    @Test("the user's folder goes before the bundled files; XDG_CONFIG_HOME before HOME")
    func userFolder() async throws {
        try await ScratchFolder.with { folder in
            try folder.write("xdg/runner/workflows/default.yaml", Self.text("mine"))
            try folder.write("home/.config/runner/workflows/other.yml", Self.text("other"))
            let home = ["HOME": folder.path + "/home"]
            let both = home.merging(["XDG_CONFIG_HOME": folder.path + "/xdg"]) { $1 }
            #expect(try Self.load("default", both).name == "mine")
            #expect(try Self.load("default", both).origin.hasSuffix("/default.yaml"))
            #expect(try Self.load("other", home).name == "other")
            #expect(Self.code("other", both) == .unknownWorkflow)
            #expect(try Self.load("other", home.merging(["XDG_CONFIG_HOME": ""]) { $1 }).name == "other")
            #expect(try Self.load("default", home).origin == "bundled:default")
        }
    }

    @Test("a path is read as it is")
    func path() async throws {
        try await ScratchFolder.with { folder in
            let file = try folder.write("any name", Self.text("here"))
            let found = try Self.load(file)
            #expect(found.name == "here" && found.origin == file && found.source == Self.text("here"))
        }
    }

    @Test(
        "what is not there, no file or no name is refused with advice",
        arguments: [
            "none", "none.yaml", "./none", "/nonexistent/w.yaml", "/", "/tmp", "..", "", "default.yaml", "a\nb",
        ])
    func missing(name: String) {
        #expect(Self.code(name) == .unknownWorkflow, "\(name)")
    }

    @Test("a file that may not be read is refused", .enabled(if: geteuid() != 0))
    func unreadable() async throws {
        try await ScratchFolder.with { folder in
            let file = try folder.write("w.yaml", Self.text("w"), mode: 0)
            #expect(Self.code(file) == .unknownWorkflow)
        }
    }

    @Test("a broken file and a huge one are refused with its errors")
    func broken() async throws {
        try await ScratchFolder.with { folder in
            let file = try folder.write("w.yaml", "name: w\nsteps: 7\n")
            let errors = #expect(throws: WorkflowErrors.self) { try Self.load(file) }
            #expect(errors?.description.contains(file) == true)
            let huge = try folder.write("huge.yaml", String(repeating: "# comment\n", count: 1 << 18))
            #expect(throws: WorkflowErrors.self) { try Self.load(huge) }
        }
    }
}
