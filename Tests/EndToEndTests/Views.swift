/// The parts of `--json` answers that tests read.
struct AttemptJSON: Decodable {
    let number: Int
    let status: String
    let agent: String?
    let agentSessionId: String?
    let exitCode: Int?
    let commitBefore: String?
    let commitAfter: String?
    let filesChanged: Int?
    let costUsd: Double?
    let model: String?
    let error: String?
    let usage: UsageJSON?
    let outputBytes: Int?
    let outputSha256: String?
    let log: LogSizeJSON?
    let stop: StopJSON?
}

struct LogSizeJSON: Decodable {
    let stdoutTotal: Int
    let stdoutKept: Int
}

struct StopJSON: Decodable {
    let cause: String?
    let signals: [String]
    let scope: String?
    let survivorsKilled: Int
}

struct UsageJSON: Decodable {
    let input: Int
    let output: Int
    let cacheRead: Int
    let cacheWrite: Int
}

struct StepJSON: Decodable {
    let key: String
    let status: String
    let attempts: [AttemptJSON]
}

struct TaskRowJSON: Decodable {
    let number: Int
    let status: String
    let branch: String?
    let worktreePath: String?
}

struct EnvironmentJSON: Decodable {
    let status: String
    let snapshotRef: String?
}

struct ShowJSON: Decodable {
    let branch: String?
    let worktreePath: String?
    let cleanupAfter: String?
    let environment: EnvironmentJSON?
}

struct CleanJSON: Decodable {
    let task: Int
    let outcome: String
    let reasons: [String]
}
