package import RunnerCore

/// A rule of the store that a request broke; the text says what, and what to do about it.
package enum StoreError: Error, Hashable, Sendable {
    case notFound(kind: String, text: String)
    /// The text can name no task or batch at all.
    case noReference(kind: String, text: String)
    case ambiguous(kind: String, text: String, choices: [String])
    /// The repository is registered already, under this name.
    case duplicateRepository(name: String)
    /// The name is another project's.
    case duplicateProject(name: String)
    /// Tasks that are not ended, by number.
    case activeTasks([Int])
    /// Tasks whose worktree still exists, by number.
    case environmentsRemain([Int])
    /// The run has another owner now, or has ended: the writer must stop and record nothing.
    case fenced(RunID)
    /// The attempt ended before, so its outcome is recorded already.
    case attemptEnded(AttemptID)
    /// The step is not of this run or has ended.
    case stepNotOpen(StepID)
    /// The run has not ended, or its task has another run that has not.
    case runNotEnded(RunID)
    case secretSetting(key: String)
    case noSchema
    /// The tables are there, and row-level security hides their rows from this user of the database.
    case hiddenSchema(user: String)
    /// The database lacks migrations that this program needs.
    case schemaBehind(applied: Int, needed: Int)
    /// The database has a migration that this program does not know.
    case unknownMigration(version: Int, name: String)
    /// A migration differs from the one that was applied.
    case changedMigration(version: Int, name: String)
    case invalidMigrationName(String)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let kind, let text):
            "there is no \(kind) \"\(text)\""
        case .noReference(let kind, let text):
            "\"\(text.prefix(80))\" is no \(kind): a \(kind) is named by its number, from 1 on"
        case .ambiguous(let kind, let text, let choices):
            "\"\(text)\" can mean more than one \(kind): \(choices.joined(separator: ", ")); say more of it"
        case .duplicateRepository(let name):
            "this repository is registered already, as \"\(name)\""
        case .duplicateProject(let name):
            "there is a project \"\(name)\" already; give another name"
        case .activeTasks(let numbers):
            "\(Self.tasks(numbers)) not ended; cancel first, or wait"
        case .environmentsRemain(let numbers):
            "\(Self.tasks(numbers)) not cleaned up: a worktree still exists; clean it first"
        case .fenced(let run):
            "run \(run) has ended or belongs to another worker now; nothing was recorded"
        case .attemptEnded(let attempt):
            "attempt \(attempt) has ended already; nothing was recorded"
        case .stepNotOpen(let step):
            "step \(step) has ended or is not part of this run"
        case .runNotEnded(let run):
            "run \(run) or another run of its task has not ended; cancel it first, or wait"
        case .secretSetting(let key):
            "the setting \"\(key)\" is secret and is not shown"
        case .noSchema, .hiddenSchema, .schemaBehind, .unknownMigration, .changedMigration, .invalidMigrationName:
            schemaDescription
        }
    }

    private var schemaDescription: String {
        switch self {
        case .noSchema:
            "the database has no schema \"runner\"; run \"runner db migrate\""
        case .hiddenSchema(let user):
            "row-level security hides the tables of runner from the database user \"\(user)\"; use the one who ran "
                + "\"runner db migrate\", or: grant runner_service to \"\(user)\" (to look only: runner_reader)"
        case .schemaBehind(let applied, let needed):
            "the database is at schema version \(applied) and version \(needed) is needed; run \"runner db migrate\""
        case .unknownMigration(let version, let name):
            "the database has schema version \(version) (\(name)), which this runner does not know; use a newer runner"
        case .changedMigration(let version, let name):
            "schema version \(version) (\(name)) of the database was made by a different text than this runner holds; "
                + "use the runner that made it"
        case .invalidMigrationName(let name):
            "\"\(name)\" is no name for a migration: use letters, digits and underscores"
        default:
            ""
        }
    }

    private static func tasks(_ numbers: [Int]) -> String {
        let shown = numbers.prefix(10).map { "#\($0)" }.joined(separator: ", ")
        let rest = numbers.count > 10 ? " and \(numbers.count - 10) more" : ""
        return numbers.count == 1 ? "task \(shown) is" : "tasks \(shown)\(rest) are"
    }
}
