/// Exit statuses of the shim itself, after sysexits.h; how the command ended is in the exit record only.
enum ShimStatus {
    static let recorded: Int32 = 0
    static let usage: Int32 = 64
    /// The attempt directory cannot be used, so nothing was started and nothing recorded.
    static let unusable: Int32 = 73
    /// Another shim has, or had, this attempt.
    static let taken: Int32 = 75
}
