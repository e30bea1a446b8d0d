import Glibc
import RunnerCore

/// Classifies where a host name leads at this moment, before git connects to it.
enum ConnectGuard {
    /// Throws when `host` (without port and brackets) resolves to an address that the policy refuses.
    ///
    /// Blocks while the name is looked up. A name that does not resolve here passes: it may be an alias in the user's
    /// SSH configuration or be known to their proxy alone, and git says clearly when it is neither.
    static func check(host: String, policy: URLPolicy) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return }
        defer { freeaddrinfo(list) }
        var entry = list
        while let info = entry?.pointee {
            if let address = address(of: info), let refusal = policy.refusal(for: address) {
                throw EngineError(
                    .refusedURL, "the host \"\(host)\" leads to \(address): \(refusal.explanation)", hint: nil)
            }
            entry = info.ai_next
        }
    }

    private static func address(of info: addrinfo) -> IPAddress? {
        guard let socket = info.ai_addr else { return nil }
        switch Int32(socket.pointee.sa_family) {
        case AF_INET:
            return socket.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { IPAddress(networkBytes: Array($0)) }
            }
        case AF_INET6:
            return socket.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { IPAddress(networkBytes: Array($0)) }
            }
        default: return nil
        }
    }
}
