/// A piece of an attempt's output as `runner log --json` prints it.
struct LogLine: Encodable {
    let step: String
    let attempt: Int
    let text: String
}
