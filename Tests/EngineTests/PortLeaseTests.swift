import Glibc
import Postgres
import RunnerCore
import Store
import Testing

@testable import Engine

/// Ports of many environments on one host, where other programs hold some.
@Suite struct PortLeaseTests {
    @Test("200 environments that lease at once get 2,000 different ports, and none that another program holds")
    func manyAmongHeld() async throws {
        try await LocalCluster.withThrowaway { target in
            let client = PostgresClient(target, applicationName: "engine tests")
            try await Migrator(client).migrate()
            let store = Store(unchecked: client)
            let ids = try await environments(200, store, client)
            let held = hold(90)
            defer { for socket in held { close(socket.descriptor) } }
            try #require(held.count > 60)
            let leases = try await withThrowingTaskGroup(of: [Int].self) { group in
                for id in ids {
                    group.addTask { try await PortBlock(store: store, host: "here").lease(for: id) }
                }
                return try await group.reduce(into: [[Int]]()) { $0.append($1) }
            }
            let ports = leases.flatMap(\.self)
            #expect(leases.allSatisfy { $0.count == PortBlock.size && $0 == Array($0[0]..<($0[0] + PortBlock.size)) })
            #expect(ports.count == 2_000 && Set(ports).count == 2_000)
            #expect(Set(ports).isDisjoint(with: held.map(\.port)))
            // Blocks with a held port were passed over, not merely those ports.
            let blocks = Set(held.map { ($0.port - PortBlock.range.lowerBound) / PortBlock.size })
            #expect(blocks.isDisjoint(with: leases.map { ($0[0] - PortBlock.range.lowerBound) / PortBlock.size }))
            // Every environment can serve on its first port, all at the same time.
            let servers = leases.map { listen(on: $0[0], AF_INET, SOCK_STREAM) }
            #expect(servers.allSatisfy { $0 >= 0 })
            for server in servers where server >= 0 { close(server) }
            await client.close()
        }
    }

    /// Rows of environments that nobody made.
    private func environments(_ count: Int, _ store: Store, _ client: PostgresClient) async throws -> [EnvironmentID] {
        let repository = try await store.addRepository(
            Repository(
                name: "sample", url: "https://example.com/me/sample", identity: "example.com/me/sample",
                host: "example.com", owner: "me"))
        let (version, _) = try await store.freezeWorkflow(
            name: "default", source: "steps: []", definition: .object(["steps": .array([])]), author: "tester")
        let created = try await store.createTask(
            NewTask(
                repositoryID: repository.id, title: "t", prompt: "p", workflowVersionID: version,
                steps: [NewStep(key: "one", kind: "run")]))
        return try await client.query(
            """
            insert into runner.environments (repository_id, task_id, host, worktree_path, branch, base_commit)
            select \(repository.id), \(created.task.id), 'here', '/many/' || n, 'many/' || n,
                \(String(repeating: "a", count: 40)) from generate_series(1, \(count)::int) n returning id
            """
        ).map { row in try row.decode("id") }
    }

    /// Sockets in every third block, of all kinds in turn; ports that somebody else has are left out.
    private func hold(_ count: Int) -> [(descriptor: Int32, port: Int)] {
        (0..<count).compactMap { number in
            let port = PortBlock.range.lowerBound + 30 * number + number % PortBlock.size
            let descriptor: Int32 =
                switch number % 4 {
                case 0: listen(on: port, AF_INET, SOCK_STREAM)
                case 1: listen(on: port, AF_INET, SOCK_STREAM, loopback: true)
                case 2: listen(on: port, AF_INET, SOCK_DGRAM, loopback: true)
                default: listen(on: port, AF_INET6, SOCK_STREAM)
                }
            return descriptor < 0 ? nil : (descriptor, port)
        }
    }

    private func listen(on port: Int, _ family: Int32, _ kind: __socket_type, loopback: Bool = false) -> Int32 {
        let descriptor = socket(family, Int32(kind.rawValue), 0)
        guard descriptor >= 0 else { return -1 }
        var one: Int32 = 1
        let isBound: Bool
        if family == AF_INET6 {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, socklen_t(MemoryLayout<Int32>.size))
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = in_port_t(port).bigEndian
            isBound = bind(descriptor, &name)
        } else {
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = in_port_t(port).bigEndian
            name.sin_addr.s_addr = (loopback ? INADDR_LOOPBACK : INADDR_ANY).bigEndian
            isBound = bind(descriptor, &name)
        }
        if isBound, kind != SOCK_STREAM || Glibc.listen(descriptor, 1) == 0 { return descriptor }
        close(descriptor)
        return -1
    }

    private func bind<A>(_ descriptor: Int32, _ name: inout A) -> Bool {
        withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<A>.size)) == 0
            }
        }
    }
}
