/// What `runner db validate` found out about one thing that the migrations promise.
package struct SchemaCheck: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case migration, table, check, key
        case foreignKey = "foreign key"
        case index, trigger, function, view
        case rowSecurity = "row security"
        case policy, privileges, role, write
    }

    package let kind: Kind
    /// As `projects.projects_name_length` for what belongs to a table.
    package let name: String
    package let isOK: Bool
    /// What is wrong; empty when nothing is.
    package let detail: String

    /// Good unless a problem is named.
    init(_ kind: Kind, _ name: String, problem: String? = nil) {
        self.kind = kind
        self.name = name
        isOK = problem == nil
        detail = problem ?? ""
    }
}
