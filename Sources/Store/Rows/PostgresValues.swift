import Foundation
import Postgres
package import RunnerCore

extension Identifier: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { uuid.postgresText }
    package var postgresBytes: [UInt8]? { uuid.postgresBytes }
    package static var postgresOID: UInt32 { UUID.postgresOID }

    package init?(postgresText text: String) {
        guard let uuid = UUID(postgresText: text) else { return nil }
        self.init(uuid)
    }
}

extension String {
    /// The text with the one character that Postgres cannot store replaced.
    var storable: String {
        holdsNUL ? String(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : Character($0) }) : self
    }
}

extension Duration {
    /// An expression of type `interval`.
    var interval: SQL { "make_interval(secs => \(inSeconds))" }
}

extension Date {
    /// Nil for the two infinities and for what no clock can have said.
    var plausible: Date? {
        (0..<4e10).contains(timeIntervalSince1970) ? self : nil
    }
}

extension TaskStatus: PostgresEncodable, PostgresDecodable {}
extension ArtifactRecord.Kind: PostgresEncodable, PostgresDecodable {}
extension WorkflowOrigin: PostgresEncodable, PostgresDecodable {}
extension WorkflowStatus: PostgresEncodable, PostgresDecodable {}
extension StepStatus: PostgresEncodable, PostgresDecodable {}
extension BatchStatus: PostgresEncodable, PostgresDecodable {}
extension BatchItemStatus: PostgresEncodable, PostgresDecodable {}
extension WaitRule: PostgresEncodable, PostgresDecodable {}
extension FailureClass: PostgresEncodable, PostgresDecodable {}
extension AttemptStatus: PostgresEncodable, PostgresDecodable {}
extension EnvironmentStatus: PostgresEncodable, PostgresDecodable {}
extension RemovalState: PostgresEncodable, PostgresDecodable {}
extension SnapshotRecord.Reason: PostgresEncodable, PostgresDecodable {}
extension Repository.Status: PostgresEncodable, PostgresDecodable {}
extension ToolExecution.Status: PostgresEncodable, PostgresDecodable {}

extension SQL.StringInterpolation {
    /// Appends a bind that may be NULL; without an overload of its own the compiler warns of each optional.
    mutating func appendInterpolation<T: PostgresEncodable>(_ value: T?) {
        appendInterpolation(fragment: Self.bind(value))
    }

    /// Generic code does not know that its value is optional, so nothing warns here.
    private static func bind<T: PostgresEncodable>(_ value: T) -> SQL { "\(value)" }
}
