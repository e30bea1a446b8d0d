import CPlatform
import Foundation
import Glibc

/// Looks at one process for a hold on one directory.
struct ProcessProbe {
    let pid: Int32
    let prefix: [UInt8]
    let target: DirectoryIdentity
    let ownNamespace: [UInt8]?

    /// The first hold found; nil when there is none or when the process has ended.
    func hold() -> ProcessInside.Hold? {
        let found = look()
        // Most processes hold nothing, and of those nobody needs to know more.
        return found != nil && hasEnded ? nil : found
    }

    private func look() -> ProcessInside.Hold? {
        var unknown = false
        for (name, hold) in [("cwd", ProcessInside.Hold.workingDirectory), ("root", .root), ("exe", .executable)] {
            guard let place = ProcessScan.link("/proc/\(pid)/\(name)") else {
                // A kernel thread has no program, and an ended process nothing at all.
                if errno != ENOENT && errno != ESRCH { unknown = true }
                continue
            }
            if isInside(place) { return hold }
        }
        guard let descriptors = opendir("/proc/\(pid)/fd") else {
            return unknown || errno == EACCES ? .unknown : nil
        }
        defer { closedir(descriptors) }
        while let entry = readdir(descriptors) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if let place = ProcessScan.link("/proc/\(pid)/fd/\(name)"), isInside(place) { return .file }
        }
        return unknown ? .unknown : nil
    }

    /// What has ended and was not reaped, or is giving back its memory, holds nothing, though its user may not look into it.
    private var hasEnded: Bool {
        FileManager.default.contents(atPath: "/proc/\(pid)/stat").map(Self.hasEnded(stat:)) ?? false
    }

    /// Whether the process of this `/proc/PID/stat` has ended or is about to.
    ///
    /// The fields begin behind the name in parentheses, which may hold anything itself (proc(5)): first the state, six
    /// fields later the kernel's flags. Giving back a gigabyte takes a tenth of a second, in which the state is still "R".
    static func hasEnded(stat line: Data) -> Bool {
        guard let end = line.lastIndex(of: UInt8(ascii: ")")) else { return false }
        let fields = line[(end + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 7)
        guard let state = fields.first else { return false }
        if state.elementsEqual("Z".utf8) || state.elementsEqual("X".utf8) { return true }
        let exiting = 0x4
        return fields.count > 6 && (Int(String(decoding: fields[6], as: UTF8.self)) ?? 0) & exiting != 0
    }

    private func isInside(_ place: [UInt8]) -> Bool {
        guard place.first == UInt8(ascii: "/") else { return false }
        if place.starts(with: prefix), place.count == prefix.count || place[prefix.count] == UInt8(ascii: "/") {
            return true
        }
        // A deleted directory keeps its name with this at the end.
        if place == prefix + Array(" (deleted)".utf8) { return true }
        let namespace = ProcessScan.link("/proc/\(pid)/ns/mnt")
        return namespace != ownNamespace && leadsInside(place)
    }

    /// In another mount namespace names mean nothing here: the place is opened there and followed upwards.
    private func leadsInside(_ place: [UInt8]) -> Bool {
        var path = Array("/proc/\(pid)/root".utf8) + place
        var descriptor = open(path)
        if descriptor < 0, let slash = path.lastIndex(of: UInt8(ascii: "/")) {
            path.removeSubrange(slash...)
            descriptor = open(path)
        }
        for _ in 0..<4096 {
            guard descriptor >= 0 else { return false }
            var status = stat()
            let isKnown = fstat(descriptor, &status) == 0
            let here = DirectoryIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
            let above = isKnown ? runner_open_path(descriptor, "..", O_DIRECTORY) : -1
            var parent = stat()
            let isTop =
                above < 0 || fstat(above, &parent) != 0
                || (parent.st_dev == status.st_dev && parent.st_ino == status.st_ino)
            close(descriptor)
            descriptor = above
            if here == target || isTop {
                if descriptor >= 0 { close(descriptor) }
                return here == target
            }
        }
        if descriptor >= 0 { close(descriptor) }
        return false
    }

    private func open(_ path: [UInt8]) -> Int32 {
        let name = path.map { CChar(bitPattern: $0) } + [0]
        return runner_open_path(AT_FDCWD, name, O_DIRECTORY)
    }

    func describe(_ hold: ProcessInside.Hold) -> ProcessInside {
        var status = stat()
        let owner = lines("/proc/\(pid)/status").first { $0.hasPrefix("Uid:") }?.split(whereSeparator: \.isWhitespace)
        let started = stat("/proc/\(pid)", &status) == 0 ? Int64(status.st_mtim.tv_sec) : nil
        return ProcessInside(
            pid: pid, command: lines("/proc/\(pid)/comm").first ?? "?", hold: hold,
            isOwn: owner.flatMap { $0.count > 1 ? uid_t($0[1]) : nil } == getuid(), started: started)
    }

    private func lines(_ path: String) -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
