import CPlatform
import Crypto
import Glibc

/// Contents of large files by their SHA-256, in the layout of Git LFS (`lfs/objects/ab/cd/abcd…`), which it shares.
///
/// What is in it is never changed: a content is copied in under another name, hashed there and renamed.
package struct LargeFileStore: Sendable, Hashable {
    /// Absolute; `objects` and `tmp` are in it.
    package let folder: String

    package init(folder: String) {
        self.folder = folder
    }

    private func place(_ hash: String) -> String {
        "\(folder)/objects/\(hash.prefix(2))/\(hash.dropFirst(2).prefix(2))"
    }

    func path(_ hash: String) -> String { "\(place(hash))/\(hash)" }

    private func path(_ pointer: LargeFilePointer) -> String { path(pointer.hash) }

    /// Whether the content is here in its whole length.
    package func has(_ pointer: LargeFilePointer) -> Bool {
        if pointer.size == 0 { return true }
        guard let descriptor = open(pointer) else { return false }
        close(descriptor)
        return true
    }

    /// The same, and notes in our own store, which has no other `owner`, that it is wanted now: it must not be taken away
    /// as unused before something points to it.
    private func has(_ pointer: LargeFilePointer, wantedBy owner: Ownership?) -> Bool {
        has(pointer) && (owner != nil || pointer.size == 0 || utimensat(AT_FDCWD, path(pointer), nil, 0) == 0)
    }

    private func open(_ pointer: LargeFilePointer) -> Int32? {
        let descriptor = runner_open(path(pointer), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
        var facts = stat()
        if fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, Int(facts.st_size) == pointer.size {
            return descriptor
        }
        close(descriptor)
        return nil
    }

    /// Writes the content into the empty open file `file`, whose blocks it shares where the file system can; false,
    /// with nothing written, when it is not here.
    func pour(_ pointer: LargeFilePointer, into file: Int32) throws(GitError) -> Bool {
        if pointer.size == 0 { return true }
        guard let input = open(pointer) else { return false }
        defer { close(input) }
        try FileCopy.fill(file, from: input, BytePath(Array(pointer.hash.utf8)))
        return true
    }

    /// Takes the content over from another store; false when that has not got it or has something else by its name.
    package func take(_ pointer: LargeFilePointer, from other: LargeFileStore) throws(GitError) -> Bool {
        try take(pointer, from: other, owner: nil)
    }

    func take(_ pointer: LargeFilePointer, from other: LargeFileStore, owner: Ownership?) throws(GitError) -> Bool {
        if has(pointer, wantedBy: owner) { return true }
        guard let input = other.open(pointer) else { return false }
        defer { close(input) }
        return try keep(input, expected: pointer, owner: owner) != nil
    }

    /// Keeps what the open file holds, on disk when this returns, and says what stands for it.
    func keep(_ file: Int32) throws(GitError) -> LargeFilePointer {
        guard let pointer = try keep(file, expected: nil, owner: nil) else {
            throw GitError(code: .modified, operation: "keep a large file", message: "it changed while it was read")
        }
        return pointer
    }

    private func keep(
        _ file: Int32, expected: LargeFilePointer?, owner: Ownership?
    ) throws(GitError) -> LargeFilePointer? {
        let temporary = "\(folder)/tmp/runner-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        try Directory.createParents(of: temporary)
        let copy = runner_open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard copy >= 0 else { throw .system("make '\(temporary)'", errno: errno) }
        defer {
            close(copy)
            unlink(temporary)
        }
        lseek(file, 0, SEEK_SET)
        try FileCopy.fill(copy, from: file, BytePath(Array(temporary.utf8)))
        // The copy is hashed and not the file, which somebody may write to.
        let pointer = try Self.pointer(to: copy)
        if let expected, expected != pointer { return nil }
        if has(pointer, wantedBy: owner) { return pointer }
        let place = place(pointer.hash)
        try Directory.createParents(of: place + "/")
        guard fchmod(copy, 0o444) == 0, fsync(copy) == 0, rename(temporary, path(pointer)) == 0 else {
            throw .system("keep '\(path(pointer))'", errno: errno)
        }
        Self.sync(place)
        if let owner { adopt(pointer, owner) }
        return pointer
    }

    /// What stands for the content of an open file.
    static func pointer(to file: Int32) throws(GitError) -> LargeFilePointer {
        var (hash, size) = (SHA256(), 0)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = pread(file, &buffer, buffer.count, size)
            if count == 0 { break }
            guard count > 0 || errno == EINTR else { throw .system("read a large file", errno: errno) }
            buffer.withUnsafeBytes {
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0.prefix(max(0, count))))
            }
            size += max(0, count)
        }
        return LargeFilePointer(hash: BlobHash.hex(Array(hash.finalize())), size: size)
    }

    private static func sync(_ folder: String) {
        let descriptor = runner_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }

    private func adopt(_ pointer: LargeFilePointer, _ owner: Ownership) {
        let outer = "\(folder)/objects/\(pointer.hash.prefix(2))"
        for path in [folder, folder + "/tmp", folder + "/objects", outer, place(pointer.hash), path(pointer)] {
            owner.adopt(path: path)
        }
    }
}
