/// A value of a YAML file, where it stands, and by which keys it is reached.
struct YAMLNode {
    enum Content {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    let content: Content
    let line: Int
    let column: Int
    let keyPath: String

    /// The elements of a list; one value is a list of one.
    var items: [YAMLNode] {
        if case .sequence(let nodes) = content { return nodes }
        return [self]
    }

    /// As a message names it.
    var kind: String {
        switch content {
        case .scalar(let scalar): scalar.isNull ? "nothing" : "the text \"\(scalar.text.shortened)\""
        case .sequence: "a list"
        case .mapping: "a map"
        }
    }
}

/// One key of a map with its value.
struct YAMLEntry {
    let key: String
    let line: Int
    let column: Int
    let value: YAMLNode
}

extension String {
    /// At most 40 characters on one line, for a message.
    var shortened: String {
        let line = prefix { !$0.isNewline }
        return line.count > 40 || line.count < count ? line.prefix(40) + "…" : String(line)
    }
}
