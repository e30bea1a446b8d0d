/// What came of writing commits anew on top of another one.
package enum Rebase: Sendable, Hashable {
    /// Where the new commits end, and how many they are; where all are there already, the commit itself and 0.
    case written(tip: ObjectID, commits: Int)
    /// The commit that did not fit, and the files that were in conflict. Nothing was kept.
    case conflict(ObjectID, files: [String])
    /// A merge is among the commits.
    case merge(ObjectID)
}
