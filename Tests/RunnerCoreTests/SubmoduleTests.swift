import RunnerCore
import Testing

@Suite struct SubmoduleTests {
    @Test(
        "relative URLs are resolved by git's own rule",
        arguments: [
            ("https://host.example/o/repo", "../lib", "https://host.example/o/lib"),
            ("https://host.example/o/repo/", "../lib/", "https://host.example/o/lib"),
            ("https://host.example/o/repo.git", "./lib", "https://host.example/o/repo.git/lib"),
            ("https://host.example/o/repo", "../../p/lib", "https://host.example/p/lib"),
            ("user@host:path/to/repo", "../lib", "user@host:path/to/lib"),
            ("user@host:repo", "../lib", "user@host:lib"),
            ("ssh://host:22/repo", "../lib", "ssh://host:22/lib"),
            ("/foo/bar", "../lib", "/foo/lib"),
            ("/foo/bar", ".././lib", "/foo/lib"),
            ("https://host.example/o/repo", "https://other.example/a/b", "https://other.example/a/b"),
            ("https://host.example/o/repo", "..", ".."),
            ("https://host.example/o/repo", "-u./x", "-u./x"),
        ])
    func relative(base: String, url: String, expected: String) {
        #expect(SubmoduleURL.resolve(url, against: base) == expected)
    }

    @Test("a URL that climbs above everything means nothing, and one that leaves the host is for the policy to judge")
    func climbing() {
        #expect(SubmoduleURL.resolve("../../x", against: "a") == nil)
        let policy = URLPolicy()
        for url in ["../../../x", "../../../../x", "../../../169.254.169.254/x/y", "../a b/c", "../%2e%2e/x"] {
            let resolved = SubmoduleURL.resolve(url, against: "https://host.example/o/repo")
            #expect(resolved.map { policy.check($0).isAccepted } != true, "\(url)")
        }
    }

    @Test("entries are read as git lists them: names with dots, the last of two values, keys without one")
    func entries() {
        let listing =
            "submodule.a.b.path\nlib\0submodule.a.b.url\n../one\0submodule.a.b.url\n../two\nx\0submodule.x.shallow\0"
            + "core.bare\ntrue\0submodule.path\nq\0submodule..url\nz\0submodule.x.update\nnone\0"
        let entries = SubmoduleEntry.entries(in: listing)
        #expect(entries.map(\.name) == ["a.b", "x"] || entries.map(\.name) == ["a.b", "", "x"])
        #expect(entries[0].path == "lib" && entries[0].url == "../two\nx")
        #expect(entries.last?.update == "none" && entries.last?.refusal == nil)
        #expect(SubmoduleEntry.entries(in: "").isEmpty)
    }

    @Test("names that would leave Git's own folder, and commands as update, are refused")
    func names() throws {
        func entry(_ name: String, update: String? = nil) throws -> SubmoduleEntry {
            let text = "submodule.\(name).path\np\0" + (update.map { "submodule.\(name).update\n\($0)\0" } ?? "")
            return try #require(SubmoduleEntry.entries(in: text).first)
        }
        for name in ["a", "a/b", "a.b", "é", "...", "a..b", "vendor/lib-1"] { #expect(try entry(name).refusal == nil) }
        for name in [
            "..", "../x", "a/../b", "a/..", "/a", "a/", "a//b", ".", "a\\..\\b", "-a", "a/-b", "a\u{7F}",
            // A combining mark belongs to the slash or dash before it, and hides it from whoever looks at characters.
            "../\u{301}x", "a/\u{301}/../..", "-\u{301}a",
            String(repeating: "n", count: 256),
        ] {
            #expect(try entry(name).refusal != nil, "\(name)")
        }
        #expect(try entry("a", update: "!touch /tmp/x").refusal != nil)
        #expect(try entry("a").overlaps(entry("a/b")) && entry("a/b").overlaps(entry("a")))
        #expect(try !entry("a").overlaps(entry("ab")))
        #expect(try entry("a").overlaps(entry("a/\u{301}b")) && entry("a/\u{301}b").refusal == nil)
    }

    @Test("a slash with an accent on it is a slash to the system")
    func accents() throws {
        func entry(_ name: String) throws -> SubmoduleEntry {
            try #require(SubmoduleEntry.entries(in: "submodule.\(name).path\np\0").first)
        }
        for name in ["../\u{301}x", "a/../\u{301}x", "a/\u{301}/../\u{301}"] {
            #expect(try entry(name).refusal != nil)
        }
        #expect(try entry("a/\u{301}x").refusal == nil)
        #expect(try entry("a/\u{301}x").overlaps(entry("a")) && entry("a").overlaps(entry("a/\u{301}x")))
        #expect(try !entry("a/\u{301}x").overlaps(entry("b")))
    }
}
