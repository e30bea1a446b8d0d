import Foundation
import Testing

@Suite("submodules")
struct SubmoduleTests {
    private func path(_ fixture: RunnerFixture, _ task: Int) async throws -> String {
        try await fixture.runner("path", "\(task)").out.trimmingCharacters(in: .newlines)
    }

    /// All but Git's own, with modes, targets and hashes.
    private func files(_ fixture: RunnerFixture, _ folder: String) async throws -> String {
        let script = """
            find . -mindepth 1 -name .git -prune -o -printf '%P %y %m %l\\n' | sort
            find . -name .git -prune -o -type f -print0 | sort -z | xargs -0 -r sha1sum
            """
        return try await fixture.run("/bin/bash", ["-c", script], in: folder).out
    }

    /// `project` with `vendor/lib`, which has `deep/inner`; `url` makes the submodules' URLs of their names.
    private func makeProject(_ fixture: RunnerFixture, url: (String) -> String) async throws -> String {
        let attributes = "* text eol=crlf\n*.id ident\n"
        let inner = try await fixture.makeRepository(
            "inner", files: [".gitattributes": attributes, "a.id": "$Id$\n", "run.sh": "#!/bin/sh\n"])
        let lib = try await fixture.makeRepository("lib", files: ["lib.txt": "1\n", "d/e/f": ""])
        try await add(fixture, inner, "deep/inner", to: lib, as: url("inner"))
        let project = try await fixture.makeRepository(files: [".gitignore": "*.o\nvendor/\n", "a": "a\n"])
        try await add(fixture, lib, "vendor/lib", to: project, as: url("lib"))
        return project
    }

    private func add(
        _ fixture: RunnerFixture, _ source: String, _ place: String, to repository: String, as url: String
    ) async throws {
        try await fixture.git(
            "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "--force", source, place,
            in: repository)
        try await fixture.git("config", "-f", ".gitmodules", "submodule.\(place).url", url, in: repository)
        try await fixture.git("commit", "-qam", "a submodule", in: repository)
    }

    @Test("that they stay empty is said until somebody has decided, and not where there are none")
    func empty() async throws {
        try await RunnerFixture.with { fixture in
            let plain = try await fixture.makeRepository("plain")
            let project = try await makeProject(fixture) { fixture.root + "/" + $0 }
            let said = "its submodules stay empty folders"
            let start = { (repository: String) in
                try await fixture.runner("start", repository, "true", "--workflow", "script").err
            }
            #expect(try await !start(plain).contains(said))
            #expect(try await start(project).components(separatedBy: said).count == 2)
            try await fixture.runner("repo", "update", "project", "--no-submodules")
            #expect(try await !start(project).contains(said))
        }
    }

    @Test("submodules of a remote repository are as git submodule update makes them, and are fetched once")
    func remote() async throws {
        try await RunnerFixture.with { fixture in
            _ = try await makeProject(fixture) {
                $0 == "lib" ? "../lib.git" : "ssh://git@git.example.com/other/inner.git"
            }
            for (name, place) in [("project", "team/project"), ("lib", "team/lib"), ("inner", "other/inner")] {
                try await fixture.git(
                    "clone", "-q", "--bare", "\(fixture.root)/\(name)", "\(fixture.root)/served/\(place).git",
                    in: fixture.root)
            }
            let log = fixture.root + "/ssh.log"
            try fixture.write(
                """
                #!/bin/sh
                for last; do :; done
                echo "$last" >> \(log)
                eval "$(echo "$last" | sed "s#'/#'\(fixture.root)/served/#")"

                """, to: fixture.root + "/ssh", mode: 0o755)
            let extra = ["GIT_SSH_COMMAND": fixture.root + "/ssh"]
            let url = "ssh://git@git.example.com/team/project.git"
            // What git itself makes of it.
            let cloned = try await fixture.run(
                "/usr/bin/git", ["clone", "-q", "--recurse-submodules", url, fixture.root + "/clone"], extra: extra)
            #expect(cloned.status == 0, "\(cloned.err)")
            #expect(try await fixture.runner("repo", "add", url, extra: extra).status == 0)
            let plain = try await fixture.runner(
                "start", "project", "test -z \"$(ls vendor/lib)\"", "--workflow", "script", extra: extra)
            #expect(plain.status == 0, "\(plain.err)")
            #expect(try await fixture.runner("repo", "update", "project", "--submodules").status == 0)
            try "".write(toFile: log, atomically: false, encoding: .utf8)
            let check = "git status --porcelain; git submodule status --recursive | cut -c1"
            for task in 2...3 {
                let started = try await fixture.runner(
                    "start", "project", check, "--workflow", "script", extra: extra)
                #expect(started.status == 0, "\(started.err)")
                let output = try await fixture.runner("log", "\(task)", "--raw").out
                #expect(output == " \n \n", "\(output)")
                let tree = try await path(fixture, task)
                #expect(try await files(fixture, tree) == files(fixture, fixture.root + "/clone"))
                try await fixture.git("fsck", in: tree + "/vendor/lib/deep/inner")
            }
            let fetches = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
            #expect(fetches.count { $0.contains("lib.git") } == 1, "\(fetches)")
            #expect(fetches.count { $0.contains("inner.git") } == 1, "\(fetches)")
            // The origins are gone; what is here is enough.
            try FileManager.default.removeItem(atPath: fixture.root + "/served/team/lib.git")
            try FileManager.default.removeItem(atPath: fixture.root + "/served/other")
            let offline = try await fixture.runner("start", "project", check, "--workflow", "script", extra: extra)
            #expect(offline.status == 0, "\(offline.err)")
        }
    }

    @Test("work in a submodule is in the commit as git records it, survives removal, and is where a fork begins")
    func work() async throws {
        try await RunnerFixture.with { fixture in
            let project = try await makeProject(fixture) { "\(fixture.root)/\($0)" }
            let missing = try await fixture.runner("repo", "add", project)
            #expect(missing.status == 0)
            #expect(try await fixture.runner("repo", "update", "project", "--submodules").status == 0)
            let script = """
                cd vendor/lib
                git switch -qc work
                echo new > new.o; git add -f new.o; git -c user.name=A -c user.email=a@x commit -qm inside
                echo dirty > dirt; echo changed > deep/inner/run.sh; touch ignored.o
                """
            let refused = try await fixture.runner("start", "project", script, "--workflow", "script")
            #expect(refused.status == 3 && refused.err.contains("project/vendor/lib/deep/inner"), "\(refused.err)")
            #expect(refused.err.contains("git submodule update"), "\(refused.err)")
            #expect(try await fixture.runner("list", "--quiet").out == "")
            // The person's own clones of them serve.
            try await fixture.git(
                "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", "--recursive",
                in: project)
            let started = try await fixture.runner("start", "project", script, "--workflow", "script")
            #expect(started.status == 0, "\(started.err)")
            let tree = try await path(fixture, 1)
            let tip = try await fixture.git("rev-parse", "HEAD", in: tree + "/vendor/lib")
            #expect(try await fixture.git("rev-parse", "HEAD:vendor/lib", in: tree) == tip)
            let (before, status) = (
                try await fixture.manifest(tree), try await fixture.git("status", "--porcelain", in: tree)
            )
            #expect(status == " M vendor/lib")
            // Merged or not: what is only in the submodule keeps the worktree.
            try await fixture.git("merge", "-q", "runner/1-cd-vendor-lib", in: project)
            let kept = try await fixture.runner("clean", "--merged")
            #expect(kept.err.contains("vendor/lib") || kept.out.contains("vendor/lib"), "\(kept.out)\(kept.err)")
            #expect(try await fixture.runner("clean", "1").status == 0)
            #expect(!FileManager.default.fileExists(atPath: tree))
            for name in try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/trash") {
                try FileManager.default.removeItem(atPath: "\(fixture.home)/trash/\(name)")
            }
            // A copy elsewhere is complete by itself, while the worktree is not there.
            let copy = fixture.root + "/copy"
            #expect(try await fixture.runner("restore", "1", "--to", copy).status == 0)
            #expect(try await fixture.git("status", "--porcelain", in: copy) == status)
            for (place, files) in [("vendor/lib", "?? dirt"), ("vendor/lib/deep/inner", " M run.sh")] {
                let inside = try await fixture.git("status", "--porcelain", in: "\(copy)/\(place)")
                #expect(inside.contains(files), "\(inside)")
                let top = try await fixture.git("rev-parse", "--show-toplevel", in: "\(copy)/\(place)")
                #expect(top == "\(copy)/\(place)")
            }
            #expect(
                try await fixture.git("log", "-1", "--format=%H %D", in: copy + "/vendor/lib") == "\(tip) HEAD -> work")
            let restored = try await fixture.runner("restore", "1")
            #expect(restored.status == 0, "\(restored.err)")
            #expect(try await fixture.manifest(tree) == before)
            #expect(try await fixture.git("status", "--porcelain", in: tree) == status)
            #expect(
                try await fixture.git("log", "-1", "--format=%H %D", in: tree + "/vendor/lib")
                    == "\(tip) HEAD -> work")
            try await fixture.git("fsck", in: tree + "/vendor/lib")
            let fork = try await fixture.runner("fork", "1")
            #expect(fork.status == 0, "\(fork.err)")
            let other = try await path(fixture, 2)
            #expect(try await fixture.git("rev-parse", "HEAD", in: other + "/vendor/lib") == tip)
            #expect(try await fixture.git("status", "--porcelain", in: other) == "")
            #expect(!FileManager.default.fileExists(atPath: other + "/vendor/lib/dirt"))
        }
    }

    private static let hostile: [(modules: String, expected: String)] = [
        ("path = sub\n\turl = ext::sh -c touch% MARK", "helper"),
        ("path = sub\n\turl = -u./payload", "dash"),
        ("path = sub\n\turl = file:///etc", "local-disabled"),
        ("path = sub\n\turl = /etc", "local-disabled"),
        ("path = sub\n\turl = ../../../../etc", "refused"),
        ("path = sub\n\turl = http://169.254.169.254/a/b", "metadata"),
        ("path = sub\n\turl = https://user:secret@github.com/a/b", "credentials"),
        ("path = sub\n\turl = https://github.com/a/b\n\tupdate = !touch MARK", "update"),
        ("path = ../sub\n\turl = https://github.com/a/b", "does not name it"),
        ("path = sub", "no URL"),
        ("path = sub\n\turl = \"unclosed", "cannot be read"),
    ]

    @Test(
        "what a hostile .gitmodules says is refused by one sentence and makes nothing; without the setting it is not read"
    )
    func hostile() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let mark = fixture.root + "/mark"
            let head = try await fixture.git("rev-parse", "HEAD", in: repository)
            try await fixture.git("update-index", "--add", "--cacheinfo", "160000,\(head),sub", in: repository)
            try await fixture.git("commit", "-qm", "a link", in: repository)
            #expect(try await fixture.runner("repo", "add", repository).status == 0)
            #expect(try await fixture.runner("repo", "update", "project", "--submodules").status == 0)
            let start = {
                try await fixture.runner(
                    "start", repository, "git status --porcelain 2>&-", "--workflow", "script")
            }
            let unnamed = try await start()
            #expect(unnamed.status == 3 && unnamed.err.contains("does not name it"), "\(unnamed.err)")
            for name in ["sub", "../../x"] {
                for (modules, expected) in name == "sub" ? Self.hostile : [(Self.hostile[7].modules, "name")] {
                    let text = "[submodule \"\(name)\"]\n\t" + modules.replacing("MARK", with: mark) + "\n"
                    try fixture.write(text, to: repository + "/.gitmodules")
                    // git itself refuses to add some of these.
                    let blob = try await fixture.git("hash-object", "-w", ".gitmodules", in: repository)
                    try await fixture.git(
                        "update-index", "--add", "--cacheinfo", "100644,\(blob),.gitmodules", in: repository)
                    try await fixture.git("commit", "-qm", "modules", in: repository)
                    let refused = try await start()
                    #expect(refused.status == 3, "\(modules): \(refused.err)")
                    #expect(refused.err.contains(expected), "\(modules): \(refused.err)")
                    #expect(!refused.err.contains("secret"))
                    #expect(refused.err.split(separator: "\n").filter { !$0.contains("uncommitted") }.count <= 2)
                }
            }
            #expect(try await fixture.runner("list", "--quiet").out == "")
            #expect(!FileManager.default.fileExists(atPath: mark))
            #expect(try await fixture.runner("repo", "update", "project", "--no-submodules").status == 0)
            let plain = try await start()
            #expect(plain.status == 0, "\(plain.err)")
            #expect(try await fixture.runner("log", "1", "--raw").out == "")
            let tree = try await path(fixture, 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: tree + "/sub") == [])
        }
    }

    @Test("submodules inside submodules are followed sixteen deep and no deeper, and a long .gitmodules is refused")
    func limits() async throws {
        try await RunnerFixture.with { fixture in
            // Each commit of one repository has the one before as a submodule.
            let project = try await fixture.makeRepository()
            let named = "[submodule \"sub\"]\n\tpath = sub\n\turl = ../project.git\n"
            var commits = [try await fixture.git("rev-parse", "HEAD", in: project)]
            for level in 1...17 {
                try fixture.write(named, to: project + "/.gitmodules")
                try await fixture.git("add", ".gitmodules", in: project)
                try await fixture.git(
                    "update-index", "--add", "--cacheinfo", "160000,\(commits[level - 1]),sub", in: project)
                try await fixture.git("commit", "-qm", "level \(level)", in: project)
                commits.append(try await fixture.git("rev-parse", "HEAD", in: project))
            }
            for (name, size) in [("long", 1 << 20), ("longer", 1 << 20 + 1)] {
                let padding = "# " + String(repeating: "x", count: size - named.utf8.count - 3) + "\n"
                try fixture.write(named + padding, to: project + "/.gitmodules")
                try await fixture.git("update-index", "--cacheinfo", "160000,\(commits[0]),sub", in: project)
                try await fixture.git("add", ".gitmodules", in: project)
                try await fixture.git("commit", "-qm", name, in: project)
                try await fixture.git("tag", name, in: project)
            }
            try await fixture.git(
                "clone", "-q", "--bare", project, fixture.root + "/served/project.git", in: fixture.root)
            try fixture.write(
                "#!/bin/sh\nfor last; do :; done\neval \"$(echo \"$last\" | sed \"s#'/#'\(fixture.root)/served/#\")\"\n",
                to: fixture.root + "/ssh", mode: 0o755)
            let extra = ["GIT_SSH_COMMAND": fixture.root + "/ssh"]
            let url = "ssh://git@git.example.com/project.git"
            #expect(try await fixture.runner("repo", "add", url, extra: extra).status == 0)
            #expect(try await fixture.runner("repo", "update", "project", "--submodules").status == 0)
            func start(_ base: String) async throws -> RunnerFixture.Output {
                try await fixture.runner(
                    "start", "project", "find . -name README.md | wc -l", "--workflow", "script", "--base", base,
                    extra: extra)
            }
            let deeper = try await start(commits[17])
            #expect(deeper.status == 3 && deeper.err.contains("it is the 16th inside another"), "\(deeper.err)")
            let longer = try await start("longer")
            #expect(longer.status != 0 && longer.err.contains("more than 1048576 bytes"), "\(longer.err)")
            // The controls: one less of each.
            let deep = try await start(commits[16])
            #expect(deep.status == 0, "\(deep.err)")
            #expect(try await fixture.runner("log", "1", "--raw").out.hasSuffix("17\n"))
            let long = try await start("long")
            #expect(long.status == 0, "\(long.err)")
        }
    }
}
