import Foundation
import Glibc
import Testing

private let isGitLFSInstalled = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    .contains { access("\($0)/git-lfs", X_OK) == 0 }

/// With the real git-lfs, which scripts/setup installs.
@Suite("large files of Git LFS", .enabled(if: isGitLFSInstalled))
struct LargeFileTests {
    private func path(_ fixture: RunnerFixture, _ task: Int) async throws -> String {
        try await fixture.runner("path", "\(task)").out.trimmingCharacters(in: .newlines)
    }

    /// `project` with two large files, one of them shorter than its pointer and in a folder with an odd name.
    private func makeProject(_ fixture: RunnerFixture) async throws -> String {
        let project = try await fixture.makeRepository(files: ["README.md": "hello\n"])
        let script = """
            git lfs install --local >&2 && git lfs track '*.bin' >&2
            mkdir 'ä b' && head -c 300000 /dev/urandom > 'ä b/a.bin' && printf 'x\\r\\n' > b.bin && : > empty.bin
            """
        let made = try await fixture.run("/bin/bash", ["-ec", script], in: project)
        try #require(made.status == 0, "\(made.err)")
        try await fixture.git("add", "-A", in: project)
        try await fixture.git("commit", "-qm", "large files", in: project)
        #expect(try await fixture.git("show", "HEAD:b.bin", in: project).hasPrefix("version https://git-lfs"))
        return project
    }

    private static let sums = "git status --porcelain; find . -name '*.bin' | LC_ALL=C sort | xargs -d '\\n' sha256sum"

    private func start(
        _ fixture: RunnerFixture, _ repository: String, _ script: String, _ more: String...,
        extra: [String: String] = [:]
    ) async throws -> RunnerFixture.Output {
        try await fixture.run(
            RunnerFixture.build + "/runner", ["start", repository, script, "--workflow", "script"] + more, extra: extra)
    }

    @Test(
        "worktrees have contents where that is set, commits have pointers, and what a task made is where it is needed")
    func local() async throws {
        try await RunnerFixture.with { fixture in
            let project = try await makeProject(fixture)
            let expected = try await fixture.run("/bin/bash", ["-c", Self.sums], in: project).out
            let plain = try await start(fixture, project, "git status --porcelain; head -c 15 b.bin")
            #expect(plain.status == 0, "\(plain.err)")
            #expect(try await fixture.runner("log", "1", "--raw").out == "version https:/")
            #expect(plain.err.contains("runner repo update project --lfs"), "\(plain.err)")
            #expect(try await fixture.runner("repo", "update", "project", "--lfs").status == 0)
            #expect(try await fixture.runner("repo", "show", "project").out.contains("lfs        yes"))
            let filled = try await start(fixture, "project", Self.sums)
            #expect(filled.status == 0, "\(filled.err)")
            #expect(!filled.err.contains("--lfs"), "\(filled.err)")
            #expect(try await fixture.runner("log", "2", "--raw").out == expected)
            #expect(try await fixture.runner("events", "2").out.contains("environment.large_files"))
            // A step changes, adds, touches, and commits by itself.
            let work = """
                printf changed > b.bin; head -c 70000 /dev/zero > new.bin; touch 'ä b/a.bin'
                printf own > own.bin; git add own.bin; git -c user.name=A -c user.email=a@x commit -qm own
                """
            let worked = try await start(fixture, "project", work, "--title", "work")
            #expect(worked.status == 0, "\(worked.err)")
            let branch = "runner/3-work"
            for file in ["b.bin", "new.bin", "own.bin"] {
                let text = try await fixture.git("show", "\(branch):\(file)", in: project)
                #expect(text.hasPrefix("version https://git-lfs"), "\(file): \(text)")
            }
            let touched = try await fixture.git("diff", "--name-only", "main", branch, in: project)
            #expect(touched == "b.bin\nnew.bin\nown.bin")
            let tree = try await path(fixture, 3)
            let made = try await fixture.run("/bin/bash", ["-c", Self.sums], in: tree).out
            #expect(made.split(separator: "\n").count == 5, "\(made)")
            // The person's own git-lfs has them.
            try await fixture.git("worktree", "add", "-q", fixture.root + "/theirs", branch, in: project)
            #expect(try await fixture.run("/bin/bash", ["-c", Self.sums], in: fixture.root + "/theirs").out == made)
            let second = try await start(fixture, "project", Self.sums, "--base", branch)
            #expect(second.status == 0, "\(second.err)")
            #expect(try await fixture.runner("log", "4", "--raw").out == made)
            let fork = try await fixture.runner("fork", "3")
            #expect(fork.status == 0, "\(fork.err)")
            #expect(try await fixture.run("/bin/bash", ["-c", Self.sums], in: path(fixture, 5)).out == made)
            // What is not committed comes back like any other file.
            try fixture.write("not committed", to: tree + "/b.bin")
            let (before, status) = (
                try await fixture.manifest(tree), try await fixture.git("status", "--porcelain", in: tree)
            )
            #expect(status == " M b.bin")
            #expect(try await fixture.runner("clean", "3").status == 0)
            for name in try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/trash") {
                try FileManager.default.removeItem(atPath: "\(fixture.home)/trash/\(name)")
            }
            let restored = try await fixture.runner("restore", "3")
            #expect(restored.status == 0, "\(restored.err)")
            #expect(try await fixture.manifest(tree) == before)
            #expect(try await fixture.git("status", "--porcelain", in: tree) == status)
            let hubs = try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/hubs")
            let hub = try #require(hubs.first { !$0.hasPrefix(".") })
            #expect(!FileManager.default.fileExists(atPath: "\(fixture.home)/hubs/\(hub)/hooks"))
            #expect(try await fixture.runner("repo", "update", "project", "--no-lfs").status == 0)
            let off = try await start(fixture, "project", "git status --porcelain; head -c 15 b.bin")
            #expect(off.status == 0, "\(off.err)")
            #expect(try await fixture.runner("log", "6", "--raw").out == "version https:/")
        }
    }

    @Test("a content that is nowhere, and a machine without git-lfs, stop the start by one sentence and make nothing")
    func missing() async throws {
        try await RunnerFixture.with { fixture in
            let project = try await makeProject(fixture)
            let added = try await fixture.runner("repo", "add", project, "--lfs", "--json")
            #expect(added.status == 0 && added.out.contains("\"lfs\""), "\(added.out)\(added.err)")
            // All programs of this machine but that one.
            let link = """
                mkdir plain; IFS=:; for folder in $PATH; do ln -s "$folder"/* plain/ 2>&-; done; rm plain/git-lfs
                """
            try await fixture.run("/bin/bash", ["-c", link])
            let without = try await start(fixture, project, "true", extra: ["PATH": fixture.root + "/plain"])
            #expect(without.status == 4 && without.err.contains("apt-get install git-lfs"), "\(without.err)")
            let objects = project + "/.git/lfs/objects"
            try FileManager.default.moveItem(atPath: objects, toPath: fixture.root + "/away")
            let gone = try await start(fixture, project, "true")
            #expect(gone.status == 3, "\(gone.err)")
            #expect(gone.err.contains("b.bin") && gone.err.contains("git lfs fetch"), "\(gone.err)")
            for output in [without, gone] {
                let lines = output.err.split(separator: "\n").filter { !$0.contains("uncommitted") }
                #expect(lines.count <= 2, "\(output.err)")
            }
            #expect(try await fixture.runner("list", "--quiet").out == "")
            try FileManager.default.moveItem(atPath: fixture.root + "/away", toPath: objects)
            let there = try await start(fixture, project, Self.sums)
            #expect(there.status == 0, "\(there.err)")
        }
    }

    /// A server of Git LFS as a custom transfer agent: contents are in `lfs/`, what it is asked is in `lfs.log`.
    private static let agent = """
        #!/bin/bash
        field() { sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p" <<< "$line"; }
        while read -r line; do
            event=$(field event) oid=$(field oid)
            echo "$event $oid" >> ROOT/lfs.log
            case $event in
            init) echo '{}' ;;
            terminate) exit 0 ;;
            upload) cp "$(field path)" "ROOT/lfs/$oid"; echo "{\\"event\\":\\"complete\\",\\"oid\\":\\"$oid\\"}" ;;
            download)
                if cp "ROOT/lfs/$oid" "ROOT/lfs-$oid"; then
                    echo "{\\"event\\":\\"complete\\",\\"oid\\":\\"$oid\\",\\"path\\":\\"ROOT/lfs-$oid\\"}"
                else
                    echo "{\\"event\\":\\"complete\\",\\"oid\\":\\"$oid\\",\\"error\\":{\\"code\\":404,\\"message\\":\\"no such content\\"}}"
                fi ;;
            esac
        done

        """

    private static let hostile: [(configuration: String, expected: String)] = [
        ("[lfs]\n\turl = file:///etc", "local-disabled"), ("[lfs]\n\turl = /etc", "local-disabled"),
        ("[lfs]\n\turl = http://169.254.169.254/a/b", "metadata"),
        ("[lfs]\n\turl = https://user:secret@github.com/a/b", "credentials"),
        ("[lfs]\n\turl = -oProxyCommand=touch", "dash"), ("[lfs]\n\turl = ext::sh -c true", "helper"),
        ("[lfs]\n\turl = http://git.example.com/a/b", "insecure"),
        ("[remote \"origin\"]\n\tlfsurl = https://10.0.0.1/a/b", "private"),
        ("[lfs]\n\turl = \"unclosed", "cannot be read"),
    ]

    @Test(
        "contents of a remote repository are fetched once and sent with the branch; a .lfsconfig passes the URL policy")
    func remote() async throws {
        try await RunnerFixture.with { fixture in
            let (project, root) = (try await makeProject(fixture), fixture.root)
            let expected = try await fixture.run("/bin/bash", ["-c", Self.sums], in: project).out
            let serve = """
                mkdir -p served/team lfs; find project/.git/lfs/objects -type f -exec cp {} lfs/ ';'
                git clone -q --bare project served/team/project.git
                git config --global lfs.standalonetransferagent folder
                git config --global lfs.customtransfer.folder.path \(root)/agent
                """
            let served = try await fixture.run("/bin/bash", ["-ec", serve])
            try #require(served.status == 0, "\(served.err)")
            try fixture.write(Self.agent.replacing("ROOT", with: root), to: root + "/agent", mode: 0o755)
            try fixture.write(
                "#!/bin/sh\nfor last; do :; done\neval \"$(echo \"$last\" | sed \"s#'/#'\(root)/served/#\")\"\n",
                to: root + "/ssh", mode: 0o755)
            let extra = ["GIT_SSH_COMMAND": root + "/ssh"]
            let url = "ssh://git@git.example.com/team/project.git"
            #expect(try await fixture.runner("repo", "add", url, "--lfs", extra: extra).status == 0)
            // Hostile ones on branches of their own; nothing is contacted.
            for (number, (text, expected)) in Self.hostile.enumerated() {
                try await fixture.git("checkout", "-q", "-b", "hostile\(number)", "main", in: project)
                try fixture.write(text + "\n", to: project + "/.lfsconfig")
                try await fixture.git("add", "-f", ".lfsconfig", in: project)
                // git-lfs itself may choke on it.
                let tree = try await fixture.git("write-tree", in: project)
                let commit = try await fixture.git("commit-tree", "-m", "x", "-p", "main", tree, in: project)
                try await fixture.git("rm", "-q", "-f", ".lfsconfig", in: project)
                try await fixture.git(
                    "push", "-q", "--no-verify", root + "/served/team/project.git",
                    "\(commit):refs/heads/hostile\(number)",
                    in: project)
                let refused = try await start(
                    fixture, "project", "true", "--base", "hostile\(number)", extra: extra)
                #expect(refused.status == 3, "\(text): \(refused.err)")
                #expect(refused.err.contains(expected), "\(text): \(refused.err)")
                #expect(!refused.err.contains("secret"), "\(refused.err)")
            }
            #expect(!FileManager.default.fileExists(atPath: root + "/lfs.log"))
            #expect(try await fixture.runner("list", "--quiet").out == "")
            // One that the policy accepts, and that would keep git-lfs from fetching anything.
            try await fixture.git("checkout", "-q", "main", in: project)
            try fixture.write(
                "[lfs]\n\turl = https://lfs.example.com/team/project.git/info/lfs\n\tfetchexclude = *\n",
                to: project + "/.lfsconfig")
            try await fixture.git("add", "-A", in: project)
            try await fixture.git("commit", "-qm", "a server", in: project)
            try await fixture.git("push", "-q", "--no-verify", root + "/served/team/project.git", "main", in: project)
            let missing = try FileManager.default.contentsOfDirectory(atPath: root + "/lfs")
            try FileManager.default.moveItem(atPath: root + "/lfs", toPath: root + "/away")
            let gone = try await start(fixture, "project", "true", extra: extra)
            #expect(gone.status == 3 && gone.err.contains("b.bin"), "\(gone.err)")
            #expect(gone.err.contains("1 others") && gone.err.contains("no such content"), "\(gone.err)")
            try FileManager.default.moveItem(atPath: root + "/away", toPath: root + "/lfs")
            try "".write(toFile: root + "/lfs.log", atomically: false, encoding: .utf8)
            for task in 1...2 {
                let started = try await start(fixture, "project", Self.sums, extra: extra)
                #expect(started.status == 0, "\(started.err)")
                #expect(try await fixture.runner("log", "\(task)", "--raw").out == expected)
            }
            let asked = try String(contentsOfFile: root + "/lfs.log", encoding: .utf8).split(separator: "\n")
            #expect(asked.count { $0.hasPrefix("download") } == missing.count, "\(asked)")
            let script = "printf new > new.bin; printf '[lfs]\\n\\turl = https://evil.example.com/a/b\\n' > .lfsconfig"
            let worked = try await start(fixture, "project", script, "--title", "work", extra: extra)
            #expect(worked.status == 0, "\(worked.err)")
            let pushed = try await fixture.runner("push", "3", extra: extra)
            #expect(pushed.status == 0, "\(pushed.err)")
            let hash = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"
            #expect(try String(contentsOfFile: "\(root)/lfs/\(hash)", encoding: .utf8) == "new")
            let pointer = try await fixture.git("show", "runner/3-work:new.bin", in: root + "/served/team/project.git")
            #expect(pointer.contains(hash))
        }
    }
}
