import CPlatform
import Crypto
import Foundation
import Git
import Glibc
import RunnerCore

/// Keeps what a set-up made, as `node_modules`, under the hash of the file that says what belongs in it, and copies it
/// into later worktrees with the same file.
///
/// Only what a set-up made before any other step is kept, so that no agent can leave something there for another task.
struct DependencyFolders: Sendable {
    let scripts: EnvironmentScripts
    /// `dependencies/<repository>`, one folder a key.
    let place: String

    /// Folders of one repository that are kept; the one that was used least recently goes first.
    static let limit = 4
    /// Free bytes below which nothing is kept.
    static let reserve = 2 << 30
    /// The variable that tells a set-up whether all folders are there already: `ready` or `missing`.
    static let variable = "RUNNER_DEPENDENCIES"

    private struct Brought: Codable {
        /// Of the file as it was checked out.
        var key: String
        var isThere: Bool
    }

    init(_ scripts: EnvironmentScripts, home: RunnerHome, repository: RepositoryID) {
        self.scripts = scripts
        place = "\(home.dependencies)/\(repository)"
    }

    /// Copies what is kept into a fresh worktree, and notes what came for `keep` and the set-up.
    func bring(to worktree: Worktree) throws {
        var notes: [String: Brought] = [:]
        for folder in scripts.dependencies.keys.sorted() {
            guard let key = key(of: folder, in: worktree) else { continue }
            let source = "\(place)/\(key)"
            let isKept = access(source, F_OK) == 0
            // A folder that is being evicted just now is as good as none.
            let isThere = isKept && ((try? worktree.bring(source, to: BytePath(folder))) ?? false)
            if isThere { utimes(source, nil) }
            notes[folder] = Brought(key: key, isThere: isThere)
        }
        guard !scripts.dependencies.isEmpty else { return }
        try JSONEncoder().encode(notes).write(to: URL(fileURLWithPath: Self.note(worktree)))
    }

    /// Whether every folder came along.
    func areReady(in worktree: Worktree) -> Bool {
        let notes = notes(worktree)
        return !scripts.dependencies.isEmpty && scripts.dependencies.keys.allSatisfy { notes[$0]?.isThere == true }
    }

    /// Keeps what the set-up made, where the file that it depends on is still as it was checked out; returns why a
    /// folder was left out.
    func keep(from worktree: Worktree) throws -> [String] {
        let notes = notes(worktree)
        var problems: [String] = []
        for folder in scripts.dependencies.keys.sorted() {
            guard let known = notes[folder], !known.isThere, known.key == key(of: folder, in: worktree),
                access("\(place)/\(known.key)", F_OK) != 0
            else { continue }
            do {
                try keep(folder, known.key, from: worktree)
            } catch {
                problems.append("\"\(folder)\" was not kept for later tasks: \(error)")
            }
        }
        return problems
    }

    private func keep(_ folder: String, _ key: String, from worktree: Worktree) throws {
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        // Two runs of one process may keep the same folder at once.
        let draft = "\(place)/.\(key).\(UUID().uuidString)"
        let isCopied = try worktree.carry(BytePath(folder), to: draft) { size in
            var facts = statvfs()
            return statvfs(place, &facts) == 0
                && Int(facts.f_bavail) * Int(facts.f_frsize) > Self.reserve + size
        }
        guard isCopied else { return }
        // Another task may have been faster: its folder is as good.
        if rename(draft, "\(place)/\(key)") != 0 { remove(draft) }
        evict()
    }

    /// Removes what is more than `limit`, and what killed makers left an hour ago.
    private func evict() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        let used = names.compactMap { name -> (path: String, time: Int, isDraft: Bool)? in
            var facts = stat()
            guard lstat("\(place)/\(name)", &facts) == 0 else { return nil }
            return ("\(place)/\(name)", facts.st_mtim.tv_sec, name.hasPrefix("."))
        }.sorted { $0.time > $1.time }
        for item in used.filter({ !$0.isDraft }).dropFirst(Self.limit) { remove(item.path) }
        for item in used where item.isDraft && item.time < time(nil) - 3600 { remove(item.path) }
    }

    /// A rename first: whoever copies from it sees it go at once and never a part of it.
    private func remove(_ path: String) {
        let gone = "\(place)/.gone-\(UUID().uuidString)"
        if rename(path, gone) == 0 { DependencyFolders.delete(gone, beneath: place) }
    }

    /// Deletes a folder with all that is in it, read-only folders too, as Go's module cache has; what cannot go stays.
    static func delete(_ path: String, beneath place: String) {
        guard let identity = try? DirectoryIdentity(of: path) else { return }
        try? DirectoryRemoval.remove(path, expected: identity, beneath: place)
    }

    /// Names the content: the folder, the file's bytes and the set-up that reads it. Nil without such a file.
    private func key(of folder: String, in worktree: Worktree) -> String? {
        guard let file = scripts.dependencies[folder],
            let content = StepFiles.read("\(worktree.path)/\(file)", limit: 64 << 20)
        else { return nil }
        var hash = SHA256()
        for part in [folder, file, scripts.setup ?? ""] { hash.update(data: Array(part.utf8) + [0]) }
        hash.update(data: content)
        return hash.finalize().hexadecimal
    }

    private func notes(_ worktree: Worktree) -> [String: Brought] {
        guard let bytes = StepFiles.read(Self.note(worktree), limit: 1 << 20) else { return [:] }
        return (try? JSONDecoder().decode([String: Brought].self, from: Data(bytes))) ?? [:]
    }

    private static func note(_ worktree: Worktree) -> String { worktree.adminPath + "/runner-dependencies" }
}
