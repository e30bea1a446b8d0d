package import Foundation
package import RunnerCore

/// What a live view shows while a run goes on.
package enum ProgressEvent: Sendable {
    case preparing(String)
    case fetching(String)
    case taskCreated(TaskRecord)
    case environmentReady(EnvironmentRecord, milliseconds: Int)
    case stepStarted(StepRecord, attempt: Int)
    /// The newest line of a running step's output, or what its agent does.
    case stepActivity(StepRecord, String)
    /// A step's command has ended; what it changed is being committed, which takes its time with many or large files.
    case stepSaving(StepRecord)
    case stepFinished(StepRecord, AttemptRecord)
    case stepSkipped(StepRecord)
    /// A step that an earlier worker started goes on under this one.
    case stepAdopted(StepRecord, attempt: Int)
    /// The run holds nothing until then.
    case waiting(until: Date, reason: String?)
    /// The run holds nothing until a person decides.
    case gate(StepRecord, task: Int, message: String)
    /// A step's agent waits for a person's permission; its process goes on meanwhile.
    case question(StepRecord, task: Int, String)
    case note(String)
    case runFinished(RunStatus, error: String?)
}

/// Receives progress; called from any thread, must not block for long.
package typealias ProgressHandler = @Sendable (ProgressEvent) -> Void
