import Foundation
import Testing

@Suite("installing")
struct InstallTests {
    private static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    @Test("under sudo, where swift is mostly not on PATH, make install builds nothing and installs what was built")
    func sudo() async throws {
        try await RunnerFixture.with { fixture in
            let make = { (variables: [String: String]) in
                try await fixture.run(
                    "/usr/bin/make", ["--dry-run", "install", "RELEASE=\(fixture.root)"], in: Self.source,
                    extra: variables)
            }
            let asRoot = try await make(["SUDO_USER": "somebody"])
            #expect(asRoot.status == 0 && asRoot.out.contains("scripts/install \(fixture.root) /usr/local"))
            #expect(!asRoot.out.contains("swift build"))
            #expect(try await make([:]).out.contains("swift build"))
        }
    }

    @Test("what is installed is found, works, and goes again without a rest")
    func installed() async throws {
        try await RunnerFixture.with { fixture in
            let (prefix, script) = (fixture.root + "/some/prefix", Self.source + "/scripts/install")
            let installed = try await fixture.run(script, [RunnerFixture.build, prefix])
            #expect(installed.status == 0, "\(installed.err)")
            #expect(try await fixture.run(prefix + "/bin/runner", ["--version"]).status == 0)
            #expect(try await fixture.run(script, ["--remove", prefix]).status == 0)
            let left = FileManager.default.enumerator(atPath: prefix)?.compactMap { $0 as? String } ?? []
            #expect(!left.contains { $0.contains("runner") }, "\(left)")
        }
    }
}
