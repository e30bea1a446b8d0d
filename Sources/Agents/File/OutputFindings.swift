/// What one line of a program's output, or one object in it, says of its run.
struct OutputFindings {
    struct Tool {
        var name: String
        var input: String?
    }

    var session: String?
    var messages: [String] = []
    /// Parts of a message that go on from line to line.
    var pieces: [String] = []
    var tools: [Tool] = []
    var figures = UsageFigures()
    var limit: String?
    var error: String?
    var isSuccess = false
    /// Patterns of which nobody knows whether they match.
    var tooSlow: [String] = []
}
