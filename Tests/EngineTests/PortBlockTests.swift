import Glibc
import Testing

@testable import Engine

@Suite struct PortBlockTests {
    @Test(
        "a port that another program listens on is not free, on whatever address; afterwards it is",
        arguments: [(SOCK_STREAM, INADDR_ANY), (SOCK_STREAM, INADDR_LOOPBACK), (SOCK_DGRAM, INADDR_LOOPBACK)])
    func held(kind: __socket_type, address: UInt32) throws {
        let descriptor = socket(AF_INET, Int32(kind.rawValue), 0)
        defer { close(descriptor) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = address.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 ? getsockname(descriptor, pointer, &size) : -1
            }
        }
        try #require(result == 0)
        if kind == SOCK_STREAM { try #require(listen(descriptor, 1) == 0) }
        let port = Int(in_port_t(bigEndian: name.sin_port))
        #expect(!PortBlock.isFree(port))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    @Test("the variables name every port, the first one twice")
    func variables() {
        let values = PortBlock.variables([20_000, 20_001], project: "runner-x")
        #expect(
            values == [
                "PORT": "20000", "RUNNER_PORT_0": "20000", "RUNNER_PORT_1": "20001", "COMPOSE_PROJECT_NAME": "runner-x",
            ])
    }
}
