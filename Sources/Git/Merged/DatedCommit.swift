/// A commit compared by its date alone.
struct DatedCommit: Comparable {
    let id: ObjectID
    /// Seconds since 1970, as its committer's clock had it.
    let time: Int64

    static func == (one: Self, other: Self) -> Bool { one.time == other.time }

    static func < (one: Self, other: Self) -> Bool { one.time < other.time }
}
