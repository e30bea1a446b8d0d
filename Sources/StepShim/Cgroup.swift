import CPlatform
import Glibc

/// A control group of one attempt: the kernel's own list of its processes, and one write that kills all of them.
///
/// It catches what no signal to a group reaches and what forks faster than it can be listed. A process may leave it only
/// where it may write to another cgroup, so the scan of `ProcessFamily` goes on beside it.
struct Cgroup {
    let path: String

    private static let prefix = "runner-attempt-"

    /// A new cgroup beneath this process's own; nil where none can be made or where the kernel has no `cgroup.kill`.
    static func make(for id: String) -> Cgroup? {
        guard let parent = own() else { return nil }
        let cgroup = Cgroup(path: "\(parent)/\(prefix)\(id)")
        guard mkdir(cgroup.path, 0o755) == 0 else { return nil }
        guard access(cgroup.path + "/cgroup.kill", W_OK) == 0 else {
            rmdir(cgroup.path)
            return nil
        }
        return cgroup
    }

    /// The cgroup that `identity` names, if it is one that a shim made for the attempt `id`.
    init?(recorded path: String, for id: String) {
        guard path.hasSuffix("/\(Cgroup.prefix)\(id)"), access(path + "/cgroup.kill", W_OK) == 0 else { return nil }
        self.path = path
    }

    private init(path: String) {
        self.path = path
    }

    /// Its folder, which the caller closes; nil where it cannot be opened.
    func open() -> Int32? {
        let folder = runner_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        return folder < 0 ? nil : folder
    }

    /// Moves a process in; its later children are born there.
    func add(_ pid: pid_t) -> Bool {
        Cgroup.write("\(pid)", to: path + "/cgroup.procs")
    }

    /// Kills everything in it, also what is just being forked.
    func kill() {
        _ = Cgroup.write("1", to: path + "/cgroup.kill")
    }

    /// Its processes and those of cgroups made beneath it.
    func pids() -> [pid_t] {
        folders().flatMap { folder in
            Cgroup.lines(of: folder + "/cgroup.procs").compactMap { pid_t($0) }.filter { $0 > 0 }
        }
    }

    /// Takes it away; does nothing while a process is left in it.
    func remove() {
        for folder in folders().reversed() { rmdir(folder) }
    }

    /// This cgroup and all beneath it, parents first.
    private func folders() -> [String] {
        var found = [path]
        var next = 0
        while next < found.count {
            let folder = found[next]
            next += 1
            guard let listing = opendir(folder) else { continue }
            defer { closedir(listing) }
            while let item = readdir(listing) {
                guard item.pointee.d_type == UInt8(DT_DIR) else { continue }
                let name = withUnsafePointer(to: &item.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { found.append("\(folder)/\(name)") }
            }
        }
        return found
    }

    /// Where this process's cgroup is mounted; see cgroups(7).
    private static func own() -> String? {
        guard let line = lines(of: "/proc/self/cgroup").first(where: { $0.hasPrefix("0::/") }) else { return nil }
        let place = line.dropFirst(3)
        for line in lines(of: "/proc/self/mountinfo") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, fields[dash + 1] == "cgroup2",
                fields.count > 5
            else { continue }
            let root = fields[3] == "/" ? "" : fields[3]
            guard place.hasPrefix(root), !place.contains("/..") else { continue }
            let rest = place.dropFirst(root.count)
            return String(fields[4]) + (rest == "/" ? "" : String(rest))
        }
        return nil
    }

    private static func lines(of path: String) -> [String] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&part, 1, part.count, file), count > 0 { text += part[..<count] }
        return text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func write(_ text: String, to path: String) -> Bool {
        let file = runner_open(path, O_WRONLY | O_CLOEXEC, 0)
        guard file >= 0 else { return false }
        defer { close(file) }
        let bytes = Array(text.utf8)
        return Glibc.write(file, bytes, bytes.count) == bytes.count
    }
}
