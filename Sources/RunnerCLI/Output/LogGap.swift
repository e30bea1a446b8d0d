/// A stretch of output that is not kept, as `runner log --json` prints it.
struct LogGap: Encodable {
    let step: String
    let attempt: Int
    let stream: String
    let missingBytes: Int
}
