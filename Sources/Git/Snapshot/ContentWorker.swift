import CLibgit2
import CPlatform
import Glibc

/// Stores the contents of a worktree's files, one after the other; for one thread.
final class ContentWorker {
    let sink: ObjectSink
    private let cursor: DirectoryCursor
    private(set) var candidates: Set<ObjectID> = []
    private(set) var losses: Set<BytePath> = []

    init(_ objects: SnapshotObjects, beneath root: DirectoryHandle) throws(GitError) {
        sink = try ObjectSink(objects)
        cursor = DirectoryCursor(root: root)
    }

    /// Stores one content and notes it in `entry`; one that cannot be read is marked as unsaved.
    ///
    /// Returns what the file was right before it was read.
    func store(_ entry: inout SnapshotEntry) throws(GitError) -> FileFacts? {
        do throws(GitError) {
            try cursor.seek(entry.path.parent.components)
        } catch {
            throw GitError(code: .modified, operation: "save '\(entry.path.parent)'", message: error.message)
        }
        let changed = GitError(code: .modified, operation: "save '\(entry.path)'", message: "it changed meanwhile")
        let name = entry.path.name
        let file: OpenFile
        do throws(GitError) {
            guard entry.kind == .file else {
                let facts = try cursor.current.facts(of: name)
                entry.blob = try sink.add(cursor.current.linkTarget(name))
                return facts
            }
            file = try OpenFile(name, in: cursor.current)
        } catch  where error.code == .generic && error.klass == 0 {
            if entry.class != .ignored { losses.insert(entry.path) }
            entry.class = .unsaved
            entry.reason = error.message
            return nil
        } catch  where error.code == .notFound {
            throw changed
        }
        guard file.facts.size == entry.size else { throw changed }
        if namesObjects(entry) { candidates.formUnion(SnapshotTips.ids(in: try file.bytes())) }
        entry.reason = ExtendedAttributes.notice(of: file.descriptor) ?? ""
        // From here on a store through somebody's mapping of the file shows in its times: see SnapshotProof.
        runner_finish_writeback(file.descriptor)
        do throws(GitError) {
            entry.blob =
                file.facts.size > SnapshotObjects.largeSize ? try sink.add(large: file) : try sink.add(file)
        } catch  where error.code == .modified {
            throw changed
        }
        return file.facts
    }

    /// Whether a file of Git's is text in which object ids matter; submodules' own folders name other repositories'.
    private func namesObjects(_ entry: SnapshotEntry) -> Bool {
        guard entry.area != .worktree, entry.size < 64 << 20 else { return false }
        let first = entry.path.components.first ?? []
        return first != Array("modules".utf8) && !first.starts(with: Array("index".utf8))
            && !first.starts(with: Array("sharedindex".utf8))
    }
}
