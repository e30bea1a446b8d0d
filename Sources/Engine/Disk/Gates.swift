import CPlatform
package import Git
import Glibc

/// The conditions under which a worktree's directory may be moved or removed; whatever is unknown forbids it.
package enum Gates {
    /// Every reason against it; empty when it may go.
    ///
    /// Looks at the disk and at /proc, changes nothing. Locks, running steps and deadlines are the database's matter.
    /// Not `deep`, it leaves out what cannot have come since a deep look a moment ago: a walk for immutable files.
    package static func check(
        _ worktree: Worktree, beneath stateRoot: String, expected: DirectoryIdentity, deep: Bool = true
    ) -> [GateRefusal] {
        let path = worktree.path
        let directory: DirectoryHandle
        do throws(GitError) {
            let place = try DirectoryPlace(path, beneath: stateRoot)
            directory = try place.parent.child(place.name)
            guard directory.mount == place.parent.mount else {
                return [GateRefusal(gate: .mount, sentence: "Another file system is mounted at '\(path)'.")]
            }
        } catch {
            let sentence = "'\(path)' is not a plain directory beneath '\(stateRoot)': \(error.message)."
            return [GateRefusal(gate: .place, sentence: sentence)]
        }
        var refusals: [GateRefusal] = []
        if (directory.facts.device, directory.facts.inode) != (expected.device, expected.inode) {
            refusals.append(
                GateRefusal(gate: .identity, sentence: "'\(path)' is not the directory that was recorded."))
        }
        if !worktree.verifyLink() {
            let sentence =
                "The file '\(worktree.linkPath)' is not the one that the runner wrote: "
                + "move it away, and write into it \"gitdir: \(worktree.adminPath)\"."
            refusals.append(GateRefusal(gate: .link, sentence: sentence))
        }
        return refusals + mounts(path) + (deep ? immutables(path) : []) + processes(path, directory)
    }

    /// What could be moved to the trash, but never deleted there.
    private static func immutables(_ path: String) -> [GateRefusal] {
        guard let survey = try? DirectorySurvey(of: path, looksForFlags: true) else {
            return [GateRefusal(gate: .immutable, sentence: "'\(path)' cannot be looked through.")]
        }
        guard let place = survey.immutable else { return [] }
        let sentence = "'\(place.isEmpty ? path : "\(place)")' is immutable; chattr -i or -a makes it removable."
        return [GateRefusal(gate: .immutable, sentence: sentence)]
    }

    private static func mounts(_ path: String) -> [GateRefusal] {
        guard let points = MountTable.points() else {
            return [GateRefusal(gate: .mount, sentence: "The list of mounts cannot be read.")]
        }
        let (place, resolved) = (BytePath(path), realpath(path, nil))
        defer { free(resolved) }
        let real = resolved.map { BytePath(String(cString: $0)) } ?? place
        return points.filter { $0.isWithin(real) }.map {
            GateRefusal(gate: .mount, sentence: "Another file system is mounted at '\($0)'.")
        }
    }

    private static func processes(_ path: String, _ directory: DirectoryHandle) -> [GateRefusal] {
        guard let found = try? ProcessScan.insidePaths(path) else {
            return [GateRefusal(gate: .process, sentence: "The list of processes cannot be read.")]
        }
        return found.filter { isInTheWay($0, since: directory) }.map {
            GateRefusal(gate: .process, sentence: sentence($0, path))
        }
    }

    private static func sentence(_ process: ProcessInside, _ path: String) -> String {
        "Process \(process.pid) (\(process.command)) has \(process.hold.rawValue) in '\(path)'."
    }

    /// The first process that is at work in a directory, as a sentence; nil without one or when nothing can be seen.
    static func worker(in path: String) -> String? {
        guard let directory = try? DirectoryHandle.open(path), let found = try? ProcessScan.insidePaths(path)
        else { return nil }
        return found.first { isInTheWay($0, since: directory) }.map { sentence($0, path) }
    }

    /// A process that cannot be seen counts when it is the user's own and could have been started inside.
    ///
    /// Those of others can never be seen by an ordinary user, and a login's `(sd-pam)` hides from its own user.
    private static func isInTheWay(_ process: ProcessInside, since directory: DirectoryHandle) -> Bool {
        guard process.hold == .unknown else { return true }
        guard process.isOwn, process.command != "(sd-pam)" else { return false }
        guard let started = process.started, let born = MountTable.birth(of: directory.descriptor) else { return true }
        return started >= born
    }
}
