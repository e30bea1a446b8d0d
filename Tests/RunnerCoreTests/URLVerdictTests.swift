import Foundation
import RunnerCore
import Testing

@Suite struct URLVerdictTests {
    private let policy = URLPolicy(allowing: [.insecureSchemes, .privateHosts, .local])

    @Test(
        "spellings of one repository have one identity",
        arguments: [
            (
                "github.com/octocat/hello-world",
                [
                    "https://github.com/octocat/Hello-World", "git@GitHub.com:OctoCat/hello-world.git",
                    "ssh://git@github.com:22/octocat/Hello-World/", "http://alice@github.com/octocat/Hello-World.git",
                    "ssh://git@ssh.github.com:443/octocat/Hello-World.git", "git@github.com:/octocat/Hello-World",
                ]
            ),
            ("gitlab.com/g/s/p", ["https://gitlab.com/G/S/p.git", "git@gitlab.com:g/s/P"]),
            ("git.example.com/r", ["ssh://git.example.com/r.git", "git@git.example.com:r", "git@git.example.com:/r"]),
        ])
    func identity(_ identity: String, _ spellings: [String]) {
        for spelling in spellings {
            #expect(policy.check(spelling).identity == identity)
        }
    }

    @Test func `other hosts keep the case of the path, and their port`() {
        #expect(policy.check("https://Git.example.com:8443/O/R.git").identity == "git.example.com:8443/O/R")
        #expect(policy.check("https://git.example.com/o/r").identity == "git.example.com/o/r")
        #expect(policy.check("/srv/git/r").identity == nil)
        #expect(policy.check("").identity == nil)
    }

    @Test func `JSON has all six keys, absent values as null`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let refused = String(decoding: try encoder.encode(policy.check("https://u:p@github.com/o/r")), as: UTF8.self)
        #expect(
            refused == #"{"host":null,"name":null,"normalized":null,"owner":null,"#
                + #""reason":"credentials-in-url","verdict":"reject"}"#)
        let accepted = policy.check("https://github.com/o/r")
        let data = try encoder.encode(accepted)
        #expect(
            String(decoding: data, as: UTF8.self) == #"{"host":"github.com","name":"r","#
                + #""normalized":"https://github.com/o/r","owner":"o","reason":null,"verdict":"accept"}"#)
        #expect(try JSONDecoder().decode(URLVerdict.self, from: data) == accepted)
    }
}
