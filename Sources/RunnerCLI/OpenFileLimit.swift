import Engine
import Glibc

/// How many files the process may have open: two for each run that it works on, and some forty of its own.
enum OpenFileLimit {
    /// With fewer the libraries below begin to wait for descriptors that never come.
    static let least: rlim_t = 48
    /// Enough for a batch of the greatest width.
    static let enough: rlim_t = 8192

    /// Takes as much as this process may have, and leaves where that is too little; the usual 1024 are a default, not a bound.
    ///
    /// Notes what it was for the programs of steps: some walk through all numbers there may be, or count on few. What
    /// stands before an agent, `agent talk`, is one of those and raises nothing.
    static func raise(for arguments: some Collection<String>) {
        if arguments.starts(with: ["agent", "talk"]) { return }
        var limit = rlimit()
        guard getrlimit(.init(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        if limit.rlim_cur < enough, limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = min(enough, limit.rlim_max)
            if setrlimit(.init(RLIMIT_NOFILE.rawValue), &raised) == 0 {
                // One that a process of ours has noted before stays: what this one was given is raised already.
                setenv(CallerLimits.openFilesVariable, "\(limit.rlim_cur)", 0)
                limit = raised
            }
        }
        guard limit.rlim_cur >= least else {
            Terminal.fail(
                Failure(
                    .environment, "a process may have only \(limit.rlim_cur) files open here",
                    hint: "allow more: ulimit -n 1024"))
            exit(ExitStatus.environment.rawValue)
        }
    }
}
