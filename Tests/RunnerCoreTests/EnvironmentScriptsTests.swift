import Testing

@testable import RunnerCore

@Suite struct EnvironmentScriptsTests {
    private func read(_ text: String) throws(WorkflowErrors) -> EnvironmentScripts {
        try EnvironmentScripts(yaml: Array(text.utf8), sha256: "00")
    }

    @Test("a file with all keys is read")
    func all() throws {
        let scripts = try read("setup: |\n  npm ci\nteardown: docker compose down\ndependencies:\n  a/b: a/lock\n")
        #expect(scripts.setup == "npm ci\n" && scripts.teardown == "docker compose down")
        #expect(scripts.dependencies == ["a/b": "a/lock"] && scripts.sha256 == "00")
    }

    @Test(
        "a wrong file is refused by one sentence that names the key",
        arguments: [
            ("- a\n", "a map"), ("set-up: x\n", "set-up"), ("setup: [a]\n", "setup"), ("setup: '  '\n", "setup"),
            ("setup: 3\n", "setup"), ("dependencies: [a]\n", "dependencies"),
            ("dependencies: {../a: b}\n", "dependencies.../a"), ("dependencies: {a: /b}\n", "dependencies.a"),
            ("dependencies: {a: .git/config}\n", "dependencies.a"), ("dependencies: {a/.GIT: b}\n", "a/.GIT"),
            ("dependencies: {a: 3}\n", "dependencies.a"), ("setup: a\nsetup: b\n", "setup"), ("{", ""),
        ])
    func wrong(text: String, key: String) {
        do throws(WorkflowErrors) {
            _ = try read(text)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.description.contains(key), "\(error)")
        }
    }

    @Test("a pair of paths is told from anything else")
    func pairs() {
        let pair = EnvironmentScripts.dependency("node_modules=package-lock.json")
        #expect(pair?.folder == "node_modules" && pair?.file == "package-lock.json")
        #expect(EnvironmentScripts.dependency("a/\u{301}b=c")?.folder == "a/\u{301}b")
        for wrong in [
            "a", "=b", "a=", "a=../b", "/a=b", "a//b=c", "a=.git/index", "./a=b", "../\u{301}a=b", "a=.git/\u{301}b",
        ] {
            #expect(EnvironmentScripts.dependency(wrong) == nil, "\(wrong)")
        }
    }

    @Test("the set-up is the first step, under a name that no other step has")
    func firstStep() throws {
        let names = [["build"], ["setup"], ["setup", "environment-setup"]].map { ids in
            WorkflowDefinition(
                name: "w", steps: ids.map { WorkflowStep(id: $0, body: .script(ScriptBody(text: "true"))) }
            ).settingUp(with: EnvironmentScripts(setup: "x")).executionOrder.map(\.id)
        }
        #expect(names[0] == ["setup", "build"])
        #expect(names[1] == ["environment-setup", "setup"])
        #expect(names[2] == ["environment-setup-2", "setup", "environment-setup"])
        let plain = WorkflowDefinition(name: "w", steps: [])
        #expect(
            plain.settingUp(with: nil) == plain && plain.settingUp(with: EnvironmentScripts(teardown: "x")) == plain)
    }
}
