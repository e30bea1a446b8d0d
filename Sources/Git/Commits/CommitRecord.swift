package import Foundation

/// A commit as history shows it.
package struct CommitRecord: Sendable, Hashable {
    package let id: ObjectID
    package let author: Signature
    package let committer: Signature
    package let message: String
    package let parents: [ObjectID]

    /// When the work was done.
    package var time: Date { author.date }
    /// The first line of the message.
    package var subject: String { message.split(separator: "\n").first.map(String.init) ?? "" }
}
