import CPlatform
import Glibc

/// The files of a checkout that a patch is about to replace, held under second names until that has gone well.
///
/// Second names and no copies, where the file system has them: they take no room on a disk that is full, and `git apply`
/// puts new files in the place of old ones, whose content stays.
package struct KeptFiles: Sendable {
    /// The folder that has them, each at its own path, on the checkout's file system.
    package let folder: String
    private let checkout: String
    private let paths: [BytePath]
    /// Folders that the patch has to make first.
    private var missing: Set<BytePath> = []

    private static let prefix = "runner-apply-"

    /// Keeps what there is at `paths` of the checkout; `gitDirectory` is its own.
    package init(_ paths: [BytePath], of checkout: String, gitDirectory: String) throws(GitError) {
        let place = Self.device(gitDirectory) == Self.device(checkout) ? gitDirectory : checkout
        folder = "\(place)/\(Self.prefix)\(String(UInt64.random(in: .min ... .max), radix: 36))"
        self.checkout = checkout
        self.paths = Array(Set(paths)).sorted()
        guard mkdir(folder, 0o700) == 0 else { throw .system("make the folder '\(folder)'", errno: errno) }
        do throws(GitError) {
            for path in self.paths { try keep(path) }
        } catch {
            letGo()
            throw error
        }
    }

    /// A folder that an earlier patch, cut off in the middle, has left in a checkout.
    package static func leftover(of checkout: String, gitDirectory: String) -> String? {
        for place in [gitDirectory, checkout] {
            let descriptor = runner_open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
            let names = descriptor >= 0 ? Directory.names(closing: descriptor) ?? [] : []
            if let name = names.first(where: { $0.starts(with: Array(prefix.utf8)) }) {
                return "\(place)/\(String(decoding: name, as: UTF8.self))"
            }
        }
        return nil
    }

    /// Has each path as it was, and what was not there gone; throws at the first that cannot be put back.
    package func putBack() throws(GitError) {
        // What a folder has to make room for lies deeper than the folder.
        for path in paths.reversed() { try clear(path) }
        for folder in missing.sorted().reversed() { _ = withCName(full(folder)) { rmdir($0) } }
        for path in paths where Self.status(kept(path)) != nil && Self.status(full(path)) == nil {
            try Self.makeFolders(of: path, in: checkout, mode: 0o777)
            let moved = withCName(kept(path)) { from in withCName(full(path)) { rename(from, $0) } }
            guard moved == 0 else { throw .system("put '\(path)' back", errno: errno) }
        }
    }

    /// Removes the second names.
    package func letGo() {
        Directory.removeTree(folder)
    }

    private mutating func keep(_ path: BytePath) throws(GitError) {
        guard let found = Self.status(full(path)) else {
            var above = path.parent
            while !above.isEmpty, !missing.contains(above), Self.status(full(above)) == nil {
                missing.insert(above)
                above = above.parent
            }
            return
        }
        let kind = found.st_mode & S_IFMT
        // A submodule's folder: a patch writes nothing into it.
        guard kind == S_IFREG || kind == S_IFLNK else { return }
        try Self.makeFolders(of: path, in: folder, mode: 0o700)
        let linked = withCName(full(path)) { from in withCName(kept(path)) { link(from, $0) } }
        if linked == 0 { return }
        let failure = errno
        guard kind == S_IFREG, [EPERM, EMLINK, EOPNOTSUPP, EXDEV].contains(failure) else {
            throw .system("keep '\(path)'", errno: failure)
        }
        try copy(path)
    }

    private func copy(_ path: BytePath) throws(GitError) {
        let from = try DirectoryHandle.open(Self.text(BytePath(full(path)).parent))
        let to = try DirectoryHandle.open(Self.text(BytePath(kept(path)).parent))
        guard let facts = try from.facts(of: path.name) else { return }
        try FileCopy.copy(path.name, facts, from: from.descriptor, to: to.descriptor)
    }

    /// Takes away what stands at a path now, but for what was there before.
    private func clear(_ path: BytePath) throws(GitError) {
        guard let now = Self.status(full(path)), now.st_mode & S_IFMT != S_IFDIR else { return }
        if let before = Self.status(kept(path)), before.st_ino == now.st_ino, before.st_dev == now.st_dev { return }
        guard withCName(full(path), { unlink($0) }) == 0 else { throw .system("put '\(path)' back", errno: errno) }
    }

    private func full(_ path: BytePath) -> [UInt8] { Array(checkout.utf8) + [BytePath.slash] + path.bytes }
    private func kept(_ path: BytePath) -> [UInt8] { Array(folder.utf8) + [BytePath.slash] + path.bytes }

    private static func makeFolders(of path: BytePath, in root: String, mode: mode_t) throws(GitError) {
        var made = Array(root.utf8)
        for name in path.parent.components {
            made += [BytePath.slash] + name
            guard withCName(made, { mkdir($0, mode) }) == 0 || errno == EEXIST else {
                throw .system("make the folder of '\(path)'", errno: errno)
            }
        }
    }

    private static func status(_ path: [UInt8]) -> stat? {
        var status = stat()
        return withCName(path) { lstat($0, &status) } == 0 ? status : nil
    }

    private static func text(_ path: BytePath) -> String { String(decoding: path.bytes, as: UTF8.self) }

    private static func device(_ path: String) -> dev_t? { status(Array(path.utf8))?.st_dev }
}
