import RunnerCore

extension WorkflowCatalog.Unread {
    /// A limit for a whole run can be read but is kept by nobody, so that a new run must not rely on it.
    ///
    /// Runs that exist have frozen such texts, so the reader itself goes on accepting them.
    var refusedTimeout: WorkflowErrors {
        let lines = String(decoding: bytes, as: UTF8.self).split(
            separator: /\r\n|\n|\r/, omittingEmptySubsequences: false)
        let index = lines.firstIndex { $0.prefixMatch(of: /["']?timeout["']?\s*:/) != nil }
        return WorkflowErrors([
            WorkflowError(
                file: origin, line: (index ?? 0) + 1, column: 1, keyPath: "timeout",
                message: "a whole run has no time limit; give its steps a \"timeout\"")
        ])
    }
}
