/// The exit statuses of `runner`; README lists them.
enum ExitStatus: Int32, Error {
    case success = 0
    /// The run failed, or a check found something wrong.
    case failed = 1
    /// The command line is wrong.
    case usage = 2
    /// What was named does not exist, or cannot be done in its state.
    case refused = 3
    /// The machine lacks something: a program, a permission, space, a server, a network.
    case environment = 4
    /// The run waits for a person's decision.
    case waiting = 5
    /// A fault of runner itself.
    case internalFault = 70
    /// Cancelled by Ctrl-C or by `runner cancel`.
    case cancelled = 130
}
