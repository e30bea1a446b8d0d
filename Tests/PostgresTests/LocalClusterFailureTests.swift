import Foundation
import Glibc
import Testing

@testable import Postgres

@Suite("Private cluster in adverse surroundings", .serialized, .timeLimit(.minutes(5)))
struct LocalClusterFailureTests {
    @Test("No server programs is one sentence that says what to do, and leaves nothing made")
    func missingBinaries() async throws {
        try await withFolder { directory in
            let cluster = LocalCluster(directory: directory, environment: ["RUNNER_POSTGRES_BIN": "/nonexistent"])
            let error = await #expect(throws: ClusterError.self) { try await cluster.ensureRunning() }
            #expect(error?.code == .missingBinaries)
            #expect(error?.description.contains("apt-get install postgresql") == true)
            #expect(!ClusterFiles.exists(ClusterLayout(directory: directory).data))
        }
    }

    @Test("Data of another major version is named, and left alone")
    func wrongVersion() async throws {
        try await withFolder { directory in
            let cluster = quick(directory)
            _ = try await cluster.ensureRunning()
            try await cluster.stop()
            let file = ClusterLayout(directory: directory).data + "/PG_VERSION"
            try "9\n".write(toFile: file, atomically: false, encoding: .utf8)
            let error = await #expect(throws: ClusterError.self) { try await cluster.ensureRunning() }
            #expect(error?.code == .wrongVersion)
            #expect(error?.message.contains("PostgreSQL 9,") == true)
        }
    }

    @Test("What the server's user has to pass has its mode whatever the umask; folders above are as the umask has them")
    func strictUmask() async throws {
        try await withFolder { directory in
            let above = FilePathText.parent(directory) + "/above"
            // A umask is the whole process's; a process of its own has it to itself.
            await #expect(processExitsWith: .success) { [above = above as String] in
                umask(0o077)
                try ClusterFiles.makeFolder(above + "/data", mode: 0o711)
                var (own, parent) = (stat(), stat())
                try #require(stat(above + "/data", &own) == 0 && stat(above, &parent) == 0)
                try #require(own.st_mode & 0o777 == 0o711)
                try #require(parent.st_mode & 0o777 == 0o700)
            }
        }
    }

    @Test("A failed creation leaves no data behind")
    func failedCreation() async throws {
        try await withFolder { directory in
            let programs = FilePathText.parent(directory) + "/15/bin"
            try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
            for (name, script) in [
                ("postgres", "exit 0"),
                (
                    "initdb",
                    "touch \"$2/half\"; echo 'initdb: error: could not write: No space left on device' >&2; exit 1"
                ),
            ] {
                try "#!/bin/sh\n\(script)\n".write(toFile: "\(programs)/\(name)", atomically: false, encoding: .utf8)
                chmod("\(programs)/\(name)", 0o755)
            }
            let cluster = LocalCluster(directory: directory, environment: ["RUNNER_POSTGRES_BIN": programs])
            let error = await #expect(throws: ClusterError.self) { try await cluster.ensureRunning() }
            #expect(error?.code == .diskFull)
            let base = ClusterLayout(directory: directory).base
            #expect(try FileManager.default.contentsOfDirectory(atPath: base).allSatisfy { !$0.hasPrefix("data") })
        }
    }

    @Test("On a full disk the error says so, and there is no data", .enabled(if: geteuid() == 0))
    func fullDisk() async throws {
        try await withFolder { directory in
            let disk = FilePathText.parent(directory) + "/disk"
            mkdir(disk, 0o755)
            let log = FilePathText.parent(directory) + "/mount"
            _ = try await DetachedProcess.start(
                ["/bin/mount", "-t", "tmpfs", "-o", "size=8m", "small", disk], as: nil, environment: [:], log: log)
            let isMounted = try await eventually(within: .seconds(2)) {
                FolderStatus(disk)?.mode == 0o1777
            }
            // A container without the right to mount cannot run this test.
            guard isMounted else { return }
            let error = await #expect(throws: ClusterError.self) {
                try await LocalCluster(directory: disk + "/postgres").ensureRunning()
            }
            #expect(error?.code == .diskFull)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: disk + "/postgres").filter { $0.hasPrefix("data") }
                    .isEmpty)
            _ = try await DetachedProcess.start(["/bin/umount", disk], as: nil, environment: [:], log: log)
            let isGone = try await eventually { FolderStatus(disk)?.mode == 0o755 }
            #expect(isGone)
        }
    }

    @Test("A file in the way of the folder is an error that names it")
    func fileInTheWay() async throws {
        try await withFolder { directory in
            let file = FilePathText.parent(directory) + "/file"
            try "x".write(toFile: file, atomically: false, encoding: .utf8)
            let error = await #expect(throws: ClusterError.self) {
                try await LocalCluster(directory: file + "/postgres").ensureRunning()
            }
            #expect(error?.code == .notWritable)
            #expect(error?.message.contains(file) == true)
        }
    }

    @Test(
        "Under root, data that the server's user cannot reach lies elsewhere, and is found again",
        .enabled(if: geteuid() == 0))
    func unreachableFolder() async throws {
        try await withFolder { directory in
            chmod(FilePathText.parent(directory), 0o700)
            let cluster = quick(directory)
            let target = try await cluster.ensureRunning()
            #expect(try await answer(target, "select 1").count == 1)
            let status = try cluster.status()
            #expect(status.dataDirectory.hasPrefix("/var/lib/runner-postgres/"))
            #expect(FolderStatus(status.dataDirectory)?.owner != 0)
            try await cluster.destroy()
            #expect(!ClusterFiles.exists(status.dataDirectory))
        }
    }

    @Test(
        "A path that cannot be a socket's gets a short folder, and one in foreign hands is refused",
        .enabled(if: geteuid() == 0), arguments: [String(repeating: "x", count: 120), "a,b"])
    func unusablePath(name: String) async throws {
        try await withFolder { directory in
            let cluster = quick(directory + "/" + name)
            _ = try await cluster.ensureRunning()
            let socket = try #require(try cluster.status().socketDirectory)
            #expect(socket.hasPrefix("/tmp/runner-"))
            try await cluster.stop()
            try ClusterFiles.remove(socket)
            mkdir(socket, 0o777)
            chown(socket, 65534, 65534)
            let error = await #expect(throws: ClusterError.self) { try await cluster.ensureRunning() }
            #expect(error?.code == .wrongOwner)
            try ClusterFiles.remove(socket)
            symlink("/", socket)
            await #expect(throws: ClusterError.self) { try await cluster.ensureRunning() }
            unlink(socket)
            try await cluster.destroy()
        }
    }
}
