import CPlatform
import Glibc

/// Makes what lies in a hub survive a power failure, whatever wrote it.
enum HubDurability {
    /// Flushes one file or directory; a directory's flush makes the names in it last.
    static func sync(_ path: String) throws(GitError) {
        let descriptor = runner_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0)
        guard descriptor >= 0 else { throw .system("flush '\(path)'", errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("flush '\(path)'", errno: errno) }
    }

    /// Flushes a reference, loose or packed, and every directory from it up to the hub.
    static func syncReference(_ name: String, in hub: Hub) throws(GitError) {
        var path = "\(hub.path)/\(name)"
        if access(path, F_OK) == 0 {
            try sync(path)
        } else {
            try sync(hub.path + "/packed-refs")
        }
        while path.utf8.count > hub.path.utf8.count, let slash = path.lastIndex(of: "/") {
            path = String(path[..<slash])
            if access(path, F_OK) == 0 { try sync(path) }
        }
    }

    /// Flushes the loose objects that the `git` binary wrote lately: it does not flush them itself.
    ///
    /// Older ones the kernel has long written back (it waits half a minute); an hour is ample.
    static func syncRecentLooseObjects(in hub: Hub) throws(GitError) {
        let objects = try DirectoryHandle.open(hub.path + "/objects")
        let now = time(nil)
        var recent: [(directory: [UInt8], name: [UInt8])] = []
        for directory in try objects.names() where directory.count == 2 {
            guard let handle = try? objects.child(directory), handle.mount == objects.mount else { continue }
            for name in try handle.names() {
                guard let facts = try handle.facts(of: name), facts.kind == .file else { continue }
                if facts.modifiedSeconds > Int64(now) - 3600 { recent.append((directory, name)) }
            }
        }
        // One flush of the file system costs less than hundreds of single ones.
        guard recent.count <= 128 else {
            guard runner_syncfs(objects.descriptor) == 0 else { throw .system("flush the hub", errno: errno) }
            return
        }
        for (directory, name) in recent {
            let path = String(decoding: directory, as: UTF8.self) + "/" + String(decoding: name, as: UTF8.self)
            // An object that a repack has just moved into a pack is flushed with the pack.
            if access("\(hub.path)/objects/\(path)", F_OK) == 0 { try sync("\(hub.path)/objects/\(path)") }
        }
        for directory in Set(recent.map(\.directory)) {
            try sync("\(hub.path)/objects/" + String(decoding: directory, as: UTF8.self))
        }
        try sync(hub.path + "/objects")
    }
}
