import BlockingIO
import Git
package import RunnerCore
import Store

extension Workspace {
    /// The artifacts of a task by name, the newest version of each first.
    package func artifacts(of text: String) async throws -> [ArtifactRecord] {
        try await store.artifacts(of: try await store.task(matching: text).id)
    }

    /// One artifact with its bytes; `version: nil` is the newest.
    package func artifact(
        _ name: String, of text: String, version: Int?
    ) async throws -> (record: ArtifactRecord, bytes: [UInt8]) {
        let task = try await store.task(matching: text)
        guard let found = try await store.artifact(name, of: task.id, version: version) else {
            let known = try await store.artifacts(of: task.id)
            let versions = known.filter { $0.name == name }.map { String($0.version) }
            if let version, !versions.isEmpty {
                throw EngineError(
                    .wrongState, "the artifact \"\(name)\" of task \(task.number) has no version \(version)",
                    hint: "its versions: \(versions.joined(separator: ", "))")
            }
            var names: [String] = []
            for artifact in known where !names.contains(artifact.name) { names.append(artifact.name) }
            throw EngineError(
                .wrongState, "task \(task.number) has no artifact \"\(name)\"",
                hint: names.isEmpty ? "its steps have handed over none" : "it has \(names.joined(separator: ", "))")
        }
        if let content = found.content { return (found.record, content) }
        let hex = found.record.location?.dropFirst(ArtifactKeeper.scheme.count).description ?? ""
        let hub = Hub(path: home.hub(task.repositoryID.description))
        let bytes = try await lane.run { () -> [UInt8]? in
            guard let id = ObjectID(hex) else { return nil }
            return try hub.open().blob(id)
        }
        guard let bytes else {
            throw EngineError(
                .wrongState, "the bytes of \"\(name)\" are not in the clone on this host",
                hint: "ask on the host where the step ran; runner show \(task.number) names it")
        }
        return (found.record, bytes)
    }
}
