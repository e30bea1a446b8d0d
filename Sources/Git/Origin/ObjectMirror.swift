import CPlatform
import Glibc

/// Brings every object file of one object store into another by hard links, or by copies across file systems.
///
/// Hard links cost no space and stay when the source is repacked or deleted; an alternates file would not.
struct ObjectMirror {
    private(set) var linked = 0
    private(set) var copied = 0
    private let target: String
    private var stamps: MirrorStamps?
    private let now = MirrorStamps.now

    /// With `stamps`, folders of the first store that are as they were are passed over.
    init(into objects: String, stamps: MirrorStamps? = nil) {
        target = objects
        self.stamps = stamps
    }

    /// Mirrors `objects` and the stores that its alternates name.
    ///
    /// Returns false when files vanished meanwhile (a repack at the source): call again.
    mutating func mirror(_ objects: String, depth: Int = 0) throws(GitError) -> Bool {
        var complete = try mirrorPacks(objects)
        for byte in 0..<256 {
            let digits = String(byte, radix: 16)
            let folder = digits.count == 1 ? "0\(digits)" : digits
            let pair =
                depth == 0 && stamps != nil ? MirrorStamps.Pair("\(objects)/\(folder)", "\(target)/\(folder)") : nil
            if let stamps, stamps.holds(pair, of: byte) { continue }
            let isWhole = try mirrorLoose(objects, folder)
            if isWhole == true { stamps?.note(pair, of: byte, at: now) }
            complete = isWhole != false && complete
        }
        if depth == 0 { stamps?.save() }
        for alternate in alternates(of: objects) where depth < 5 {
            complete = try mirror(alternate, depth: depth + 1) && complete
        }
        return complete
    }

    private mutating func mirrorPacks(_ objects: String) throws(GitError) -> Bool {
        let names = Self.names(in: objects + "/pack")
        let present = Set(Self.names(in: target + "/pack"))
        var complete = true
        // What such a pack refers to may be lacking; git has to know that before it tidies.
        for name in names where name.hasSuffix(Hub.promisorEnding) && !present.contains(name) {
            let descriptor = runner_open("\(target)/pack/\(name)", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o444)
            guard descriptor >= 0 else { throw .system("write '\(target)/pack/\(name)'", errno: errno) }
            close(descriptor)
        }
        // The pack first: an index without its pack would be a broken store for a reader at that moment.
        for ending in [".pack", ".idx"] {
            for name in names where name.hasSuffix(ending) && !present.contains(name) {
                complete = try place("\(objects)/pack/\(name)", at: "\(target)/pack/\(name)") && complete
            }
        }
        return complete
    }

    /// Returns false when files vanished meanwhile, and nil when the folder cannot be read: git goes on without it too.
    private mutating func mirrorLoose(_ objects: String, _ folder: String) throws(GitError) -> Bool? {
        guard let listed = Self.list("\(objects)/\(folder)") else { return errno == ENOENT ? true : nil }
        let names = listed.filter { $0.utf8.count == 38 }
        guard !names.isEmpty else { return true }
        let present = Set(Self.names(in: "\(target)/\(folder)"))
        mkdir("\(target)/\(folder)", 0o777)
        var complete = true
        for name in names where !present.contains(name) {
            complete = try place("\(objects)/\(folder)/\(name)", at: "\(target)/\(folder)/\(name)") && complete
        }
        return complete
    }

    /// Returns false when the source is gone.
    private mutating func place(_ source: String, at destination: String) throws(GitError) -> Bool {
        if link(source, destination) == 0 {
            linked += 1
            return true
        }
        switch errno {
        case EEXIST: return true
        case ENOENT: return false
        case EXDEV, EPERM, EACCES, EMLINK:
            copied += 1
            return try copy(source, to: destination)
        default: throw .system("link '\(source)'", errno: errno)
        }
    }

    private func copy(_ source: String, to destination: String) throws(GitError) -> Bool {
        let input = runner_open(source, O_RDONLY | O_CLOEXEC, 0)
        guard input >= 0 else {
            if errno == ENOENT { return false }
            throw .system("read '\(source)'", errno: errno)
        }
        defer { close(input) }
        let temporary = "\(destination).\(UInt64.random(in: .min ... .max)).tmp"
        let output = runner_open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o444)
        guard output >= 0 else { throw .system("write '\(temporary)'", errno: errno) }
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(input, &buffer, buffer.count)
            guard count > 0 else {
                if count == 0 { break }
                throw discard(temporary, "read '\(source)'")
            }
            let failure = buffer[..<count].withUnsafeBytes { Directory.writeAll($0, to: output) }
            guard failure == 0 else {
                errno = failure
                throw discard(temporary, "write '\(temporary)'")
            }
        }
        guard rename(temporary, destination) == 0 else { throw discard(temporary, "write '\(destination)'") }
        return true
    }

    private func discard(_ temporary: String, _ operation: String) -> GitError {
        let number = errno
        unlink(temporary)
        return .system(operation, errno: number)
    }

    /// Paths in `info/alternates`, absolute or relative to the store (gitrepository-layout(5)).
    private func alternates(of objects: String) -> [String] {
        guard let bytes = Directory.read(objects + "/info/alternates") else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.hasPrefix("/") ? String($0) : "\(objects)/\($0)" }
    }

    static func names(in directory: String) -> [String] { list(directory) ?? [] }

    /// Nil, with errno set, when the directory cannot be read.
    private static func list(_ directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
