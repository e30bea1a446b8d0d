import Testing

@Suite("what conflicts by its kind")
struct MergeKindTests {
    private static let workflow = """
        name: kinds
        steps:
          - id: parts
            parallel:
              steps:
                - { id: link, run: 'rm README.md; ln -s LICENSE README.md' }
                - { id: text, run: 'echo more >> README.md' }
              merge: { resolve: { id: settle, run: 'rm -f README.md~*' } }
        """

    @Test("a file whose name is no text is unsettled as long as it holds markers", arguments: [false, true])
    func unnamed(isSettled: Bool) async throws {
        let settle = isSettled ? #"for f in caf*; do echo 3 > "$f"; done"# : "true"
        let workflow = """
            name: kinds
            steps:
              - { id: base, run: 'echo 0 > "$(printf "caf\\351\\n.txt")"' }
              - id: parts
                parallel:
                  steps:
                    - { id: one, run: 'for f in caf*; do echo 1 > "$f"; done' }
                    - { id: two, run: 'for f in caf*; do echo 2 > "$f"; done' }
                  merge: { resolve: { id: settle, run: '\(settle)' } }
            """
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(workflow, to: fixture.root + "/kinds.yaml")
            let started = try await fixture.runner(
                "start", repository, "x", "--workflow", fixture.root + "/kinds.yaml")
            #expect(started.status == (isSettled ? 0 : 1), "\(started.err)")
            if !isSettled {
                #expect(started.err.contains(#"conflict markers are still in "caf\351\n.txt""#), "\(started.err)")
            }
        }
    }

    @Test("a file that became a link on one side is settled when it is a link: that holds no markers")
    func link() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["README.md": "hello\n", "LICENSE": "yours\n"])
            try fixture.write(Self.workflow, to: fixture.root + "/kinds.yaml")
            let started = try await fixture.runner(
                "start", repository, "x", "--workflow", fixture.root + "/kinds.yaml")
            #expect(started.status == 0, "\(started.err)")
            let format = "--format=%(objectmode) %(path)"
            let listed = try await fixture.git("ls-tree", "runner/1-x", format, in: repository)
            #expect(listed == "100644 LICENSE\n120000 README.md", "\(listed)")
        }
    }
}
