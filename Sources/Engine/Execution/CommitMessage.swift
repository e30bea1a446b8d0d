import Git

/// The messages of the runner's own commits.
enum CommitMessage {
    /// A subject of at most 72 characters on one line, and trailers as git-interpret-trailers(1) reads them.
    static func compose(subject: String, trailers: [(String, String)]) -> String {
        let line = subject.split(whereSeparator: \.isNewline).first.map(String.init) ?? subject
        let short = line.count > 72 ? line.prefix(71) + "…" : line[...]
        return Trailers.compose(String(short), trailers.map { (key: $0.0, value: $0.1) })
    }
}
