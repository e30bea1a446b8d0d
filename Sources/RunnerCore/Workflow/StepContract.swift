/// What a step promises to leave behind; an attempt that breaks a promise has failed.
package struct StepContract: Sendable, Hashable {
    /// By name; checked when the step has succeeded.
    package var outputs: [String: OutputDeclaration]
    package var produces: Production
    /// Files of the worktree that become artifacts, by the artifact's name.
    package var artifacts: [String: String]

    package init(
        outputs: [String: OutputDeclaration] = [:], produces: Production = Production(),
        artifacts: [String: String] = [:]
    ) {
        self.outputs = outputs
        self.produces = produces
        self.artifacts = artifacts
    }

    /// The keys of a step that it is read from.
    static let keys = ["outputs", "produces", "artifacts"]
}

/// One output that a step declares.
package struct OutputDeclaration: Sendable, Hashable, Codable {
    package var schema: JSONSchema
    package var isOptional: Bool

    package init(schema: JSONSchema, isOptional: Bool = false) {
        self.schema = schema
        self.isOptional = isOptional
    }

    /// Reads a schema with `optional: true` among its keywords, or the name of a type, with `?` for an optional one.
    package init(_ document: JSONValue) throws(JSONSchemaError) {
        isOptional = false
        switch document {
        case .object(var keywords):
            if let optional = keywords.removeValue(forKey: "optional") {
                guard let value = optional.boolValue else {
                    throw JSONSchemaError([.key("optional")], "expected true or false, found \(optional.summary)")
                }
                isOptional = value
            }
            schema = try JSONSchema(.object(keywords))
        case .string(let name) where name.hasSuffix("?"):
            isOptional = true
            schema = try JSONSchema(.string(String(name.dropLast())))
        default:
            schema = try JSONSchema(document)
        }
    }

    package init(from decoder: any Decoder) throws {
        try self.init(JSONValue(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws {
        guard isOptional else { return try schema.encode(to: encoder) }
        switch schema.document {
        case .object(var keywords):
            keywords["optional"] = .bool(true)
            try JSONValue.object(keywords).encode(to: encoder)
        case .string(let name): try JSONValue.string(name + "?").encode(to: encoder)
        default: try schema.encode(to: encoder)
        }
    }
}

/// What an attempt must have made.
package struct Production: Sendable, Hashable, Codable {
    /// Patterns of paths; each must match a file of the worktree.
    package var files: [String]
    /// The branch moved.
    package var commits: Bool
    /// Some file changed.
    package var changes: Bool
    /// Names of artifacts.
    package var artifacts: [String]

    package init(files: [String] = [], commits: Bool = false, changes: Bool = false, artifacts: [String] = []) {
        self.files = files
        self.commits = commits
        self.changes = changes
        self.artifacts = artifacts
    }
}

/// Its keys stand among those of the step.
extension StepContract: Codable {
    private enum CodingKeys: String, CodingKey {
        case outputs, produces, artifacts
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        outputs = try container.decodeIfPresent([String: OutputDeclaration].self, forKey: .outputs) ?? [:]
        produces = try container.decodeIfPresent(Production.self, forKey: .produces) ?? Production()
        artifacts = try container.decodeIfPresent([String: String].self, forKey: .artifacts) ?? [:]
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if !outputs.isEmpty { try container.encode(outputs, forKey: .outputs) }
        if produces != Production() { try container.encode(produces, forKey: .produces) }
        if !artifacts.isEmpty { try container.encode(artifacts, forKey: .artifacts) }
    }
}
