import Foundation
import Testing

@Suite("what the person's own Git ignores")
struct PersonalGitTests {
    private func tracked(_ fixture: RunnerFixture, _ repository: String, _ task: Int) async throws -> [String] {
        let branch = try await fixture.runner("show", "\(task)", "--json").json(ShowJSON.self).branch ?? ""
        let names = try await fixture.git("ls-tree", "-r", "--name-only", branch, in: repository)
        return names.split(separator: "\n").map(String.init)
    }

    @Test("a global file of patterns and the checkout's own keep files out of commits; the control has neither")
    func excludes() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let task =
                "echo TOKEN=x > .env; echo n > notes.local; echo w > work; git status --short --untracked-files=all"
            try await fixture.runner("start", repository, task, "--workflow", "script")
            #expect(try await tracked(fixture, repository, 1) == [".env", "README.md", "notes.local", "work"])

            let home = fixture.variables["HOME"] ?? ""
            try fixture.write(".env", to: home + "/patterns")
            try await fixture.git("config", "--global", "core.excludesFile", "~/patterns", in: repository)
            try fixture.write("*.local\n", to: repository + "/.git/info/exclude")
            try await fixture.runner("start", repository, task, "--workflow", "script")
            #expect(try await tracked(fixture, repository, 2) == ["README.md", "work"])
            let path = try await fixture.runner("path", "2").out.trimmingCharacters(in: .newlines)
            #expect(try await fixture.git("status", "--porcelain", in: path).isEmpty)
            #expect(FileManager.default.fileExists(atPath: path + "/.env"))
            // And they come back with a snapshot.
            try await fixture.runner("clean", "2")
            #expect(try await fixture.runner("restore", "2").status == 0)
            #expect(try String(contentsOfFile: path + "/.env", encoding: .utf8) == "TOKEN=x\n")

            // Git's own place, where nothing is configured; a pattern of the repository's own weighs more.
            try await fixture.git("config", "--global", "--unset", "core.excludesFile", in: repository)
            try fixture.write("work\n", to: home + "/.config/git/ignore")
            try fixture.write("!work\n", to: repository + "/.git/info/exclude")
            try await fixture.runner("start", repository, task, "--workflow", "script")
            #expect(try await tracked(fixture, repository, 3) == [".env", "README.md", "notes.local", "work"])
        }
    }

    @Test("what an agent wrote into the shared file of patterns stays")
    func foreign() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write("*.local\n", to: repository + "/.git/info/exclude")
            let add = "echo own >> \"$(git rev-parse --git-common-dir)/info/exclude\"; echo x > own; echo y > y.local"
            for task in 1...2 {
                try await fixture.runner("start", repository, add, "--workflow", "script")
                #expect(try await tracked(fixture, repository, task) == ["README.md"])
            }
        }
    }

    /// The authors of a branch's commits, newest first.
    private func authors(_ fixture: RunnerFixture, _ repository: String, _ branch: String) async throws -> [String] {
        try await fixture.git("log", "--format=%an <%ae>", branch, in: repository)
            .split(separator: "\n").map(String.init)
    }

    @Test("commits are by whom the repository's own configuration names, be they the runner's or a step's")
    func author() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let task = "git commit -q --allow-empty -m own; echo w >> work"
            let home = fixture.variables["HOME"] ?? ""
            try fixture.write("[user]\n\tname = Global\n\temail = g@example.org\n", to: home + "/.gitconfig")
            try await fixture.runner("start", repository, task, "--workflow", "script", "--title", "a")
            #expect(
                try await authors(fixture, repository, "runner/1-a").prefix(2)
                    == ["Global <g@example.org>", "Global <g@example.org>"])

            try await fixture.git("config", "user.name", "Work \"x\" \\y", in: repository)
            try await fixture.git("config", "user.email", "w@example.org", in: repository)
            try await fixture.runner("start", repository, task, "--workflow", "script", "--title", "b")
            let work = "Work \"x\" \\y <w@example.org>"
            #expect(try await authors(fixture, repository, "runner/2-b").prefix(2) == [work, work])

            // Back to what counts everywhere, by a part that counts only there, and to nobody.
            try await fixture.git("config", "--remove-section", "user", in: repository)
            try fixture.write("[user]\n\temail = c@example.org\n", to: home + "/conditional")
            try fixture.write(
                "[user]\n\tname = Global\n\temail = g@example.org\n[includeIf \"gitdir:\(repository)/\"]\n"
                    + "\tpath = conditional\n", to: home + "/.gitconfig")
            try await fixture.runner("start", repository, task, "--workflow", "script", "--title", "c")
            #expect(
                try await authors(fixture, repository, "runner/3-c").prefix(2)
                    == ["Global <c@example.org>", "Global <c@example.org>"])
            try fixture.write("", to: home + "/.gitconfig")
            try await fixture.runner("start", repository, task, "--workflow", "script", "--title", "d")
            #expect(
                try await authors(fixture, repository, "runner/4-d").prefix(2)
                    == ["runner <runner@localhost>", "runner <runner@localhost>"])
        }
    }
}
