import Foundation
import RunnerCore

/// An environment's state and deadline, in words.
enum EnvironmentText {
    static func state(_ environment: EnvironmentRecord) -> String {
        switch environment.removal {
        case .active: environment.status.rawValue
        case let removal: removal.rawValue
        }
    }

    static func due(_ environment: EnvironmentRecord) -> String {
        if environment.status == .terminated {
            return environment.trashUntil.map { "from the trash \(Moments.relative($0))" } ?? ""
        }
        if environment.kept { return "never" }
        return environment.dueAt.map { Moments.relative($0) } ?? "after its run"
    }
}
