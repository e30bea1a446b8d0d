import CPlatform
import Glibc
import RunnerCore
import Store

/// Leases ports for environments: each gets a block that no other has and that no program of the host listens on.
struct PortBlock: Sendable {
    let store: Store
    let host: String

    /// Below the range from which the kernel gives out ports of its own (32768 and up).
    static let range = 20_000..<32_000
    /// Ports an environment.
    static let size = 10

    /// Leases a block; the environment holds it until it ends.
    ///
    /// Throws `wrongState` when every block is taken.
    func lease(for environment: EnvironmentID) async throws -> [Int] {
        var busy: [Int] = []
        while let ports = try await store.leasePorts(
            environment, host: host, count: Self.size, from: Self.range, busy: busy)
        {
            let taken = ports.filter { !PortBlock.isFree($0) }
            if taken.isEmpty { return ports }
            busy += taken
        }
        throw EngineError(
            .wrongState,
            "no \(Self.size) free ports in a row are left between \(Self.range.lowerBound) and "
                + "\(Self.range.upperBound - 1)", hint: "remove environments with runner clean")
    }

    /// Whether a server could listen on the port now: on all addresses and on the loopback, TCP and UDP.
    static func isFree(_ port: Int) -> Bool {
        for kind in [Int32(SOCK_STREAM.rawValue), Int32(SOCK_DGRAM.rawValue)] {
            for address in [INADDR_ANY, INADDR_LOOPBACK] where !canBind(port, kind, address) { return false }
            if !canBindV6(port, kind) { return false }
        }
        return true
    }

    /// The variables that tell a step's programs what is theirs.
    static func variables(_ ports: [Int], project: String) -> [String: String] {
        var values = ["COMPOSE_PROJECT_NAME": project]
        if let first = ports.first { values["PORT"] = String(first) }
        for (number, port) in ports.enumerated() { values["RUNNER_PORT_\(number)"] = String(port) }
        return values
    }

    /// A name that Docker Compose takes, one for each worktree.
    static func project(of environment: EnvironmentRecord) -> String {
        let folder = environment.worktreePath.split(separator: "/").suffix(2).joined(separator: "-").lowercased()
        let kept = folder.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "-" }
        return "runner-" + String(kept)
    }

    private static func canBind(_ port: Int, _ kind: Int32, _ address: in_addr_t) -> Bool {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(port).bigEndian
        name.sin_addr.s_addr = address.bigEndian
        return bind(name, AF_INET, kind)
    }

    private static func canBindV6(_ port: Int, _ kind: Int32) -> Bool {
        var name = sockaddr_in6()
        name.sin6_family = sa_family_t(AF_INET6)
        name.sin6_port = in_port_t(port).bigEndian
        return bind(name, AF_INET6, kind, isV6: true)
    }

    private static func bind<A>(_ address: A, _ family: Int32, _ kind: Int32, isV6: Bool = false) -> Bool {
        let descriptor = socket(family, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
        // A host without IPv6 has nobody listening there either.
        guard descriptor >= 0 else { return isV6 }
        defer { close(descriptor) }
        var one: Int32 = 1
        // TCP connections that wait out their end do not count: servers set this too. UDP sockets could share with it.
        if kind == Int32(SOCK_STREAM.rawValue) {
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        }
        if isV6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, socklen_t(MemoryLayout<Int32>.size)) }
        var address = address
        let size = socklen_t(MemoryLayout<A>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, size) }
        }
        return result == 0 || errno != EADDRINUSE
    }
}
