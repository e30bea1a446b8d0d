import Glibc

/// What the person who started runner may use, where runner itself takes more: that is what their programs get.
package enum CallerLimits {
    /// Tells a process of runner how many files the person's may have open, before runner raised that for itself.
    package static let openFilesVariable = "RUNNER_OPEN_FILES"

    /// How many files a program of the person's may have open; nil where nothing was raised.
    static func openFiles(in environment: [String: String]) -> Int? {
        environment[openFilesVariable].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
    }

    /// What stands before a command for `sh -c`, so that it may have that many.
    static func shellPrefix(_ environment: [String: String]) -> String {
        openFiles(in: environment).map { "ulimit -S -n \($0)\n" } ?? ""
    }
}
