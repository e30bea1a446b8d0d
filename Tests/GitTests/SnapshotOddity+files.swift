import CPlatform
import Foundation
import Glibc

@testable import Git

extension SnapshotOddity {
    /// The oddities that are made with system calls alone.
    func applyFiles(_ tree: String) throws {
        func write(_ text: String, _ name: String) throws { try SnapshotFixture.write(text, to: tree + "/" + name) }
        switch self {
        case .crlf: try write("one\r\ntwo\r\nthree\n", "mixed.crlf")
        case .filterAttribute: try write("$Id: not expanded$\n", "some.ident")
        case .untracked: try write("new\n", "new folder/new file.txt")
        case .ignored:
            try write("noise\n", "noise.log")
            try write("SECRET=1\n", "build/.env")
        case .ignoredAboveCap:
            try write(String(repeating: "x", count: 3 << 20), "node_modules/big/bundle.js")
            try write("small\n", "node_modules/big/small.js")
        case .emptyFolders:
            try FileManager.default.createDirectory(
                atPath: tree + "/empty/inner/innermost", withIntermediateDirectories: true)
        case .linkOutside: symlink("/etc/passwd", tree + "/outside")
        case .danglingLink: symlink("nowhere/at all", tree + "/dangling")
        case .loopingLinks:
            symlink("loop-b", tree + "/loop-a")
            symlink("loop-a", tree + "/loop-b")
            symlink(".", tree + "/self")
        case .hardLinks:
            try write("one file\n", "links/a")
            link(tree + "/links/a", tree + "/links/b")
            link(tree + "/links/a", tree + "/c-link")
        case .fifo: mkfifo(tree + "/pipe", 0o640)
        case .socket: mknod(tree + "/socket", S_IFSOCK | 0o600, 0)
        case .emptyFile: try write("", "empty.txt")
        case .hostileModules: try write("[submodule \"-x\"]\n\tpath = ../../x\n\turl = -u./payload\n", ".gitmodules")
        case .fifoIgnoreFile:
            mkdir(tree + "/trap", 0o755)
            mkfifo(tree + "/trap/.gitignore", 0o644)
            try write("in the trap\n", "trap/file.log")
        case .folderForFile:
            unlink(tree + "/file11.txt")
            try write("inside\n", "file11.txt/inside")
        default: try applyNames(tree)
        }
    }

    private func applyNames(_ tree: String) throws {
        switch self {
        case .notUTF8:
            make([UInt8](tree.utf8) + [0x2F, 0xFF, 0xFE, 0x41], "bytes\n")
            make([UInt8](tree.utf8) + [0x2F, 0xC3], "half a letter\n")
        case .strangeNames:
            for name in [
                "line\nbreak", "tab\there", "per%cent%0A", "-leading", "quote\"'s", "back\\slash", " ", "ü e\u{301}",
            ] {
                make(Array((tree + "/" + name).utf8), name)
            }
        case .gitLookalikes:
            for name in [".GIT", ".git ", "git~1", ".gi\u{200C}t", ".git::$INDEX_ALLOCATION", "GITMOD~1", "..."] {
                make(Array((tree + "/looks/" + name).utf8), name)
            }
        case .modeBits:
            for (name, mode) in [("setuid", 0o4755), ("open", 0o666), ("closed", 0o600), ("group", 0o2710)] {
                make(Array((tree + "/" + name).utf8), name)
                chmod(tree + "/" + name, mode_t(mode))
            }
            mkdir(tree + "/sticky", 0o755)
            chmod(tree + "/sticky", 0o1777)
        case .readOnlyFolder:
            make(Array((tree + "/locked/file").utf8), "locked")
            chmod(tree + "/locked/file", 0o400)
            chmod(tree + "/locked", 0o555)
        case .oldTimes:
            make(Array((tree + "/old").utf8), "old")
            var times = [timespec(tv_sec: 1, tv_nsec: 123_456_789), timespec(tv_sec: 1, tv_nsec: 987_654_321)]
            utimensat(AT_FDCWD, tree + "/old", &times, 0)
        case .longNames:
            let long = String(repeating: "n", count: 255)
            make(Array((tree + "/" + long).utf8), "long")
            make(Array((tree + "/" + String(long.dropLast()) + "/" + String(long.dropLast(2))).utf8), "longer")
        case .caseOnly:
            for name in ["Case", "case", "CASE/inner", "cAse/inner"] { make(Array((tree + "/" + name).utf8), name) }
        case .distantTimes:
            for (name, seconds) in [("before-1970", -86_400), ("after-2038", 4_000_000_000)] {
                make(Array((tree + "/" + name).utf8), name)
                var times = [timespec](repeating: timespec(tv_sec: seconds, tv_nsec: 5), count: 2)
                utimensat(AT_FDCWD, tree + "/" + name, &times, 0)
            }
        case .attributes:
            make(Array((tree + "/attributed").utf8), "attributed")
            _ = runner_set_attribute(tree + "/attributed", "user.note", "kept", 4)
        case .closedFolder:
            make(Array((tree + "/closed folder/file").utf8), "closed")
            chmod(tree + "/closed folder/file", 0)
            chmod(tree + "/closed folder", 0)
        default: try applySizes(tree)
        }
    }

    private func applySizes(_ tree: String) throws {
        switch self {
        case .tenThousandFiles:
            for number in 0..<10_000 { make(Array("\(tree)/many\(number / 500)/\(number)".utf8), "small \(number)\n") }
        case .sparseFile:
            let descriptor = runner_open(tree + "/sparse", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
            defer { close(descriptor) }
            ftruncate(descriptor, 12 << 20)
            pwrite(descriptor, "end", 3, 11 << 20)
        case .largeFile:
            // Above the size that is streamed, and not compressible.
            var generator = SystemRandomNumberGenerator()
            let words = (0..<(9 << 17)).map { _ in generator.next() }
            try words.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: tree + "/large.bin")) }
        default:
            // Deeper than a path may be long.
            var folder = runner_open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
            for _ in 0..<420 {
                let name = "a-rather-long-name"
                mkdirat(folder, name, 0o755)
                let next = runner_openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
                close(folder)
                folder = next
            }
            let file = runner_openat(folder, "bottom", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
            Glibc.write(file, "deep\n", 5)
            close(file)
            close(folder)
        }
    }

    private func make(_ path: [UInt8], _ content: String) {
        let parent = Array(path[..<(path.lastIndex(of: 0x2F) ?? 0)])
        _ = withCName(parent) { mkdir($0, 0o755) }
        let descriptor = withCName(path) { runner_open($0, O_CREAT | O_WRONLY | O_CLOEXEC, 0o644) }
        Glibc.write(descriptor, content, content.utf8.count)
        close(descriptor)
    }
}
