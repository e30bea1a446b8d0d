/// The first thing that a client of PostgreSQL says (protocol 3.0, "Message Formats").
enum StartupPacket: Equatable {
    /// It wants a session with these parameters.
    case session([String: String])
    /// It wants the statement of another session to end.
    case cancel(processID: Int32, key: UInt32)
    /// It asks for encryption first.
    case encryption

    /// `body` comes after the length; nil for anything else.
    init?(_ body: [UInt8]) {
        func number(at offset: Int) -> UInt32? {
            guard offset + 4 <= body.count else { return nil }
            return body[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        switch number(at: 0) {
        case 80_877_102:
            guard let process = number(at: 4), let key = number(at: 8) else { return nil }
            self = .cancel(processID: Int32(bitPattern: process), key: key)
        case 80_877_103, 80_877_104: self = .encryption
        case 196_608:
            let texts = body.dropFirst(4).split(separator: 0, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            var parameters: [String: String] = [:]
            for index in stride(from: 0, to: texts.count - 1, by: 2) where !texts[index].isEmpty {
                parameters[texts[index]] = texts[index + 1]
            }
            self = .session(parameters)
        default: return nil
        }
    }
}
