import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct ProjectTests {
        @Test("A project keeps what it is given, holds repositories, and goes without them")
        func life() async throws {
            try await Database.with { database in
                let store = database.store
                let one = try await database.repository("one").id
                let two = try await database.repository("two").id
                var project = ProjectRecord(
                    name: "team", description: "a \"b\" \u{1F600}", workflow: "script", agent: "claude",
                    environment: ProjectEnvironment(setup: "npm ci\n", dependencies: ["node_modules=package-lock.json"])
                )
                try await store.addProject(project)
                await #expect(throws: StoreError.duplicateProject(name: "team")) {
                    try await store.addProject(ProjectRecord(name: "team"))
                }
                try await store.setProject(project.id, of: [one, two])
                project.repositories = ["one", "two"]
                var read = try await store.project(named: "team")
                read.createdAt = project.createdAt
                #expect(read == project)
                #expect(try await store.project(of: one)?.name == "team")
                project.name = "crew"
                project.agent = nil
                try await store.updateProject(project)
                try await store.addProject(ProjectRecord(name: "other"))
                project.name = "other"
                await #expect(throws: StoreError.duplicateProject(name: "other")) {
                    try await store.updateProject(project)
                }
                try await store.setProject(nil, of: [two])
                #expect(try await store.projects().map(\.name) == ["crew", "other"])
                #expect(try await store.projects()[0].repositories == ["one"])
                #expect(try await store.tasks(TaskFilter(projectID: project.id)).isEmpty)
                _ = try await store.createTask(try await database.newTask(one))
                _ = try await store.createTask(try await database.newTask(two))
                #expect(try await store.tasks(TaskFilter(projectID: project.id)).map(\.task.number) == [1])
                try await store.removeProject(project.id)
                #expect(try await store.project(of: one) == nil)
                #expect(try await store.repositories().count == 2)
            }
        }

        @Test("What a repository sets itself wins over its project")
        func defaults() {
            let project = ProjectRecord(
                name: "p", workflow: "script", agent: "claude",
                environment: ProjectEnvironment(setup: "a", teardown: "b"))
            let own = RepositorySettings(agent: "codex", setup: "mine")
            let merged = own.completed(by: project)
            #expect(merged.workflow == "script" && merged.agent == "codex" && merged.setup == "mine")
            #expect(merged.teardown == "b" && own.completed(by: nil) == own)
        }
    }
}
