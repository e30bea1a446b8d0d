import CPlatform
import Foundation
import Glibc
import Testing

@testable import Git

@Suite struct MirrorStampsTests {
    @Test("a folder of objects is not read again until it changes, in the origin or in the hub")
    func passedOver() async throws {
        try await GitFixture.with { fixture, _ in
            let hub = try fixture.emptyHub()
            let objects = fixture.origin + "/.git/objects"
            let blob = try await fixture.git("hash-object", "-w", "--stdin", in: fixture.origin, input: "one\n").trimmed
            let (fan, name) = (String(blob.prefix(2)), String(blob.dropFirst(2)))
            let (here, there) = ("\(objects)/\(fan)", "\(hub.path)/objects/\(fan)")
            _ = try fixture.mirror(into: hub)
            #expect(fixture.exists("\(there)/\(name)"))

            // Both are as they were for long: noted now.
            try age(here)
            try age(there)
            _ = try fixture.mirror(into: hub)
            let hidden = String(repeating: "0", count: 38)
            try fixture.write("", "\(here)/\(hidden)")
            try age(here)
            _ = try fixture.mirror(into: hub)
            #expect(!fixture.exists("\(there)/\(hidden)"))
            utimes(here, nil)
            _ = try fixture.mirror(into: hub)
            #expect(fixture.exists("\(there)/\(hidden)"))

            // A step that prunes the hub changes its folder.
            unlink("\(here)/\(hidden)")
            unlink("\(there)/\(hidden)")
            try age(here)
            try age(there)
            _ = try fixture.mirror(into: hub)
            unlink("\(there)/\(name)")
            _ = try fixture.mirror(into: hub)
            #expect(fixture.exists("\(there)/\(name)"))
            Directory.removeTree(there)
            _ = try fixture.mirror(into: hub)
            #expect(fixture.exists("\(there)/\(name)"))
        }
    }

    @Test("what changed within the last second is not noted, nor what is of another store")
    func notNoted() async throws {
        try await GitFixture.with { fixture, _ in
            let (one, two, path) = (fixture.root + "/one", fixture.root + "/two", fixture.root + "/stamps")
            for folder in [one, two] { mkdir(folder, 0o777) }
            var stamps = MirrorStamps(at: path, objects: one)
            let fresh = try #require(MirrorStamps.Pair(one, two))
            stamps.note(fresh, of: 7, at: fresh.values[3] + 999_999_999)
            #expect(!stamps.holds(fresh, of: 7))
            stamps.note(fresh, of: 7, at: fresh.values[3] + 1_000_000_001)
            #expect(stamps.holds(fresh, of: 7) && !stamps.holds(fresh, of: 8) && !stamps.holds(nil, of: 7))
            stamps.save()
            #expect(MirrorStamps(at: path, objects: one).holds(fresh, of: 7))
            #expect(!MirrorStamps(at: path, objects: two).holds(fresh, of: 7))
            // Times before 1970 are no times of the past.
            var times = [timeval(tv_sec: -5, tv_usec: 0), timeval(tv_sec: -5, tv_usec: 0)]
            utimes(one, &times)
            let old = try #require(MirrorStamps.Pair(one, two))
            #expect(!old.isSettled(at: MirrorStamps.now))
            try fixture.write("short", path)
            #expect(!MirrorStamps(at: path, objects: one).holds(fresh, of: 7))
        }
    }

    @Test("a folder of objects that cannot be read does not pass for one that was compared")
    func unreadable() async throws {
        try await GitFixture.with { fixture, _ in
            let hub = try fixture.emptyHub()
            let objects = fixture.origin + "/.git/objects"
            let places = ["\(objects)/aa", "\(objects)/bb", "\(hub.path)/objects/aa", "\(hub.path)/objects/bb"]
            for place in places { Directory.removeTree(place) }
            // Not even root can list a file.
            try fixture.write("", places[0])
            for place in places.dropFirst() { mkdir(place, 0o777) }
            for place in places { try age(place) }
            _ = try fixture.mirror(into: hub)
            let stamps = MirrorStamps(at: hub.path + "/runner.mirrored", objects: objects)
            #expect(!stamps.holds(MirrorStamps.Pair(places[0], places[2]), of: 0xaa))
            #expect(stamps.holds(MirrorStamps.Pair(places[1], places[3]), of: 0xbb))
        }
    }

    /// Makes a folder look as if it had last changed an hour after the epoch.
    private func age(_ path: String) throws {
        var times = [timeval(tv_sec: 3600, tv_usec: 0), timeval(tv_sec: 3600, tv_usec: 0)]
        try #require(utimes(path, &times) == 0)
    }
}
