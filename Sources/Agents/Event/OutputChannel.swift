/// Where a program wrote something.
package enum OutputChannel: String, Sendable, Codable, CaseIterable {
    case stdout, stderr
}
