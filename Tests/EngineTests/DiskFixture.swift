import CPlatform
import Foundation
import Git
import Glibc

/// A state folder with worktree-like directories in a temporary place; removes everything at the end.
struct DiskFixture {
    let root: String
    var state: String { root + "/state" }

    static func with<R>(_ body: (DiskFixture) async throws -> R) async throws -> R {
        var template = Array("/tmp/runner-disk-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        let fixture = DiskFixture(
            root: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        defer {
            if let parent = try? DirectoryHandle.open("/tmp") {
                try? TreeRemoval.remove(Array(fixture.root.dropFirst(5).utf8), in: parent, expected: nil)
            }
        }
        try fixture.fill("state/trees/one")
        try fixture.fill("outside")
        return try await body(fixture)
    }

    /// Makes a folder with files at two levels.
    func fill(_ folder: String) throws {
        for name in ["a.txt", "inner/b.txt", "inner/deeper/c.txt"] { try write("\(folder)/\(name)") }
    }

    func write(_ name: String, _ text: String = "content\n") throws {
        let path = "\(root)/\(name)"
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    func exists(_ name: String) -> Bool {
        var status = stat()
        return lstat("\(root)/\(name)", &status) == 0
    }

    /// False below a chroot, where the top is no mount and its propagation cannot be changed.
    static let rootIsMount: Bool = {
        let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        return mounts.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 && fields[4] == "/"
        }
    }()

    /// Whether this process may mount: root in a container often may not.
    static let canMount: Bool = {
        var template = Array("/tmp/runner-mount-XXXXXX".utf8CString)
        guard geteuid() == 0, mkdtemp(&template) != nil else { return false }
        defer { rmdir(template) }
        guard mount(template, template, nil, UInt(MS_BIND), nil) == 0 else { return false }
        return umount2(template, 2) == 0
    }()

    /// Three files mean that nothing outside was touched.
    var outsideIsWhole: Bool {
        exists("outside/a.txt") && exists("outside/inner/b.txt") && exists("outside/inner/deeper/c.txt")
    }

    /// A hub with one real worktree at `state/trees/real`.
    func worktree() throws -> Worktree {
        let hub = try Hub.create(at: root + "/state/hub.git")
        let worktree = Worktree(hub: hub, name: "real", path: root + "/state/trees/real")
        try fill("state/trees/real")
        try worktree.recreateAdmin(head: .branch("refs/heads/main", nil))
        return worktree
    }
}
