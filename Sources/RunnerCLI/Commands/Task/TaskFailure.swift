/// An error after the task existed, so that a person learns how to go on with it.
struct TaskFailure: Error {
    /// The task as a person names it.
    let task: String
    let underlying: any Error
}
