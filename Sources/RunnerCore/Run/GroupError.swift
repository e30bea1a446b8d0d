/// Why a group of steps cannot begin.
package enum GroupError: Error, Hashable, CustomStringConvertible {
    case tooManyItems(Int, limit: Int)

    package var description: String {
        switch self {
        case .tooManyItems(let count, let limit):
            "the list has \(count) items, more than the \(limit) that \"max\" allows"
        }
    }
}
