import Foundation
import Testing

@testable import Git

@Suite("repositories that have commits in common")
struct HubKinTests {
    @Test("a moved repository is kin, also after work there and in a clone; another one is not")
    func kin() async throws {
        try await GitFixture.with { fixture, base in
            let hub = try fixture.emptyHub()
            #expect(try hub.isKin(of: try fixture.local()), "a hub without branches takes any")
            _ = try fixture.mirror(into: hub)
            #expect(try hub.isKin(of: try fixture.local()))
            try await fixture.commitInOrigin("more\n")
            try await fixture.git("checkout", "-q", "--detach", in: fixture.origin)
            try await fixture.git("branch", "-D", "-q", "main", in: fixture.origin)
            #expect(try hub.isKin(of: try fixture.local()), "HEAD alone leads to what is shared")

            let other = fixture.root + "/other"
            try await fixture.git("init", "-q", other, in: fixture.root)
            #expect(try !hub.isKin(of: try fixture.local(other)), "an empty one")
            try await fixture.commitInOrigin("theirs\n", in: other)
            #expect(try !hub.isKin(of: try fixture.local(other)))
            // A shallow clone knows no more of the past than its own commit.
            try await fixture.git(
                "clone", "-q", "--depth", "1", "file://" + fixture.origin, "shallow", in: fixture.root)
            #expect(try !hub.isKin(of: try fixture.local(fixture.root + "/shallow")))
        }
    }
}
