/// Why a document is no schema, and where in it.
package struct JSONSchemaError: Error, Hashable, Sendable {
    package enum Component: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    package let path: [Component]
    package let message: String

    init(_ path: [Component], _ message: String) {
        self.path = path
        self.message = message
    }
}
