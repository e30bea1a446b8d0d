import Subprocess
import Testing

@testable import Git

@Suite struct TrailersTests {
    static let trailers = [("Runner-Task", "12"), ("Runner-Step", "implement")]

    @Test(
        "trailers go into a last paragraph of their own, or into the one that is there",
        arguments: [
            ("subject", "subject\n\nRunner-Task: 12\nRunner-Step: implement\n"),
            ("fix: subject", "fix: subject\n\nRunner-Task: 12\nRunner-Step: implement\n"),
            ("subject\n\nbody\n\n\n", "subject\n\nbody\n\nRunner-Task: 12\nRunner-Step: implement\n"),
            ("s\n\nSigned-off-by: A <a@b>", "s\n\nSigned-off-by: A <a@b>\nRunner-Task: 12\nRunner-Step: implement\n"),
            ("s\n\nRunner-Task: 12", "s\n\nRunner-Task: 12\nRunner-Step: implement\n"),
            ("s\r\n\r\nbody\r\n", "s\n\nbody\n\nRunner-Task: 12\nRunner-Step: implement\n"),
            ("s\n\nnot a: trailer", "s\n\nnot a: trailer\n\nRunner-Task: 12\nRunner-Step: implement\n"),
        ])
    func compose(message: String, expected: String) {
        #expect(Trailers.compose(message, Self.trailers) == expected)
    }

    @Test("a value becomes one line, and an empty value or a bad key is left out")
    func values() {
        let text = Trailers.compose("s", [("Runner-Agent", "a\n\nb: c\0"), ("Empty", " \n"), ("bad key", "x")])
        #expect(text == "s\n\nRunner-Agent: a b: c\n")
    }

    @Test("git reads the trailers that were composed", arguments: ["s", "s\n\nbody", "s\n\n---\nx", "s\n\nA: b\n c"])
    func gitAgrees(message: String) async throws {
        let text = Trailers.compose(message, Self.trailers)
        let result = try await run(
            .name("git"), arguments: ["interpret-trailers", "--parse", "--no-divider"],
            environment: .custom(GitFixture.environment), input: .string(text), output: .string(limit: 1000))
        let lines = result.standardOutput.split(separator: "\n").map(String.init)
        #expect(lines.suffix(2) == ["Runner-Task: 12", "Runner-Step: implement"])
        #expect(Trailers.parse(text).map { "\($0.key): \($0.value)" } == lines)
    }
}
