import Foundation

/// The name of a removed worktree in the trash folder: `<name>.<milliseconds since the epoch>.trash`.
///
/// The moment is when its snapshot was proved, by this host's clock: what changed later is not in the snapshot. One
/// that can no longer come back ends in `.gone` and is only waiting to be deleted.
struct TrashItem {
    let provenAt: Date
    let isGone: Bool

    static let goneSuffix = ".gone"

    static func path(in trash: String, name: String, provenAt: Date) -> String {
        "\(trash)/\(name).\(Int(provenAt.timeIntervalSince1970 * 1000)).trash"
    }

    /// Nil for anything else that lies in the folder.
    init?(name: String) {
        isGone = name.hasSuffix(Self.goneSuffix)
        let parts = name.dropLast(isGone ? Self.goneSuffix.count : 0).split(separator: ".")
        guard parts.count >= 3, let number = TimeInterval(parts[parts.count - 2]) else { return nil }
        switch parts.last {
        case "trash": provenAt = Date(timeIntervalSince1970: number / 1000)
        // Version 0.1 counted seconds.
        case "worktree": provenAt = Date(timeIntervalSince1970: number)
        default: return nil
        }
    }
}
