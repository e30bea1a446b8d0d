import Foundation
import Testing

@Suite("workflows that call workflows")
struct WorkflowCallsTests {
    private static func calling(_ name: String, _ called: String, more: String = "") -> String {
        "name: \(name)\n\(more)steps:\n  - id: one\n    workflow: \(called)\n"
    }

    @Test(
        "validate refuses a circle of calls where it begins, with the sentence of start; what only shares a call is none"
    )
    func circles() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let folder = fixture.root + "/home/.config/runner/workflows"
            let validate = { (name: String) in
                try await fixture.run(
                    RunnerFixture.build + "/runner", ["workflow", "validate", "\(folder)/\(name).yaml"])
            }
            try fixture.write(Self.calling("self", "self"), to: folder + "/self.yaml")
            try fixture.write(Self.calling("first", "second"), to: folder + "/first.yaml")
            try fixture.write(Self.calling("second", "third"), to: folder + "/second.yaml")
            try fixture.write(Self.calling("third", "first"), to: folder + "/third.yaml")
            try fixture.write(Self.calling("outside", "second"), to: folder + "/outside.yaml")
            for (name, circle) in [
                ("self", "self → self"), ("first", "first → second → third → first"),
                ("outside", "outside → second → third → first → second"),
            ] {
                let sentence = "workflows call each other in a circle: \(circle)\n"
                let refused = try await validate(name)
                #expect(refused.status == 1, "\(refused.err)")
                #expect(refused.err.hasSuffix("\(name).yaml:4:15: steps[0].workflow: \(sentence)"), "\(refused.err)")
                let start = try await fixture.runner("start", repository, "t", "--workflow", name)
                #expect(start.status == 3 && start.err.contains(sentence), "\(start.err)")
            }
            // The database's version of a workflow closes a circle too.
            try fixture.write(Self.calling("kept", "demo"), to: fixture.root + "/kept.yaml")
            #expect(try await fixture.runner("workflow", "publish", fixture.root + "/kept.yaml").status == 0)
            try fixture.write(Self.calling("third", "kept"), to: folder + "/third.yaml")
            for name in ["first", "second", "outside"] {
                let right = try await validate(name)
                #expect(right.status == 0, "\(right.err)")
            }
            try fixture.write(Self.calling("kept", "third"), to: fixture.root + "/kept.yaml")
            #expect(try await fixture.runner("workflow", "publish", fixture.root + "/kept.yaml").status == 0)
            let through = try await validate("third")
            #expect(through.status == 1 && through.err.contains("circle: third → kept → third\n"), "\(through.err)")
        }
    }

    @Test("validate takes a published workflow before a bundled one of its name, and makes no database to ask")
    func hidden() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let (caller, check) = (fixture.root + "/callers/w.yaml", fixture.root + "/check.yaml")
            try fixture.write(Self.calling("w", "check"), to: caller)
            let bundled = try await fixture.runner("workflow", "validate", caller)
            #expect(bundled.status == 0, "\(bundled.err)")
            #expect(!FileManager.default.fileExists(atPath: fixture.home))
            try fixture.write(
                "name: check\ninputs: { area: { required: true } }\nsteps:\n  - { id: s, run: 'true' }\n", to: check)
            #expect(try await fixture.runner("workflow", "publish", check).status == 0)
            let refused = try await fixture.runner("workflow", "validate", caller)
            #expect(refused.status == 1 && refused.err.contains("its input \"area\""), "\(refused.err)")
            let repository = try await fixture.makeRepository()
            let start = try await fixture.runner("start", repository, "t", "--workflow", caller)
            #expect(start.status == 3 && start.err.contains("its input \"area\""), "\(start.err)")
            try fixture.write(Self.calling("w", "bundled:check"), to: caller)
            let named = try await fixture.runner("workflow", "validate", caller)
            #expect(named.status == 0, "\(named.err)")
        }
    }

    @Test("validate refuses what the called workflow would not be given or takes not")
    func inputs() async throws {
        try await RunnerFixture.with { fixture in
            let (caller, called) = (fixture.root + "/w.yaml", fixture.root + "/part.yaml")
            try fixture.write(
                "name: part\ninputs: { area: { required: true } }\nsteps:\n  - { id: s, run: 'true' }\n", to: called)
            let cases = [
                ("", "step \"one\" does not give the workflow \"part\" its input \"area\""),
                ("    with: { area: x, aria: y }\n", "an input \"aria\" that it does not have, did you mean \"area\"?"),
            ]
            for (with, sentence) in cases {
                try fixture.write(Self.calling("w", "part") + with, to: caller)
                let refused = try await fixture.runner("workflow", "validate", caller, "--json")
                #expect(refused.status == 1, "\(refused.err)")
                let shown = refused.out.replacing("\\\"", with: "\"")
                #expect(shown.contains(sentence), "\(refused.out)")
            }
            try fixture.write(Self.calling("w", "part") + "    with: { area: x }\n", to: caller)
            #expect(try await fixture.runner("workflow", "validate", caller).status == 0)
        }
    }
}
