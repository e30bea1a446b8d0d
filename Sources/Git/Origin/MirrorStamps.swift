import CLibgit2
import CPlatform
import Glibc

/// What the folders of loose objects of an origin and of its hub looked like when they were last the same, so that those
/// in which nobody made or removed anything since are not read again.
///
/// A folder is known by inode and time of change. One that changed within the last second is not noted: it may change once
/// more without a new time. Whatever takes an object from the hub changes its folder, which is then compared again.
struct MirrorStamps {
    /// Of one folder: inode and time of change at the origin, then those in the hub.
    struct Pair {
        var values: [UInt64] = [0, 0, 0, 0]

        /// Nil when one of the two is not there.
        init?(_ source: String, _ target: String) {
            var facts = stat()
            for (place, path) in [source, target].enumerated() {
                guard stat(path, &facts) == 0 else { return nil }
                values[place * 2] = UInt64(facts.st_ino)
                values[place * 2 + 1] = MirrorStamps.nanoseconds(facts.st_mtim)
            }
        }

        func isSettled(at now: UInt64) -> Bool { max(values[1], values[3]) < now &- 1_000_000_000 }
    }

    private static let words = 4
    private let path: String
    /// Four numbers for each of the 256 folders, behind four for the store they are of; zeros where nothing is known.
    private var table: [UInt64]
    private var isChanged = false

    /// Those that `path` holds of the store at `objects`; none when it holds others or cannot be read.
    init(at path: String, objects: String) {
        self.path = path
        table = [UInt64](repeating: 0, count: 257 * Self.words)
        var facts = stat()
        guard stat(objects, &facts) == 0 else { return }
        // The third is the number of the table's form.
        let store = [UInt64(facts.st_dev), UInt64(facts.st_ino), 1, 0]
        let size = table.count * MemoryLayout<UInt64>.size
        if let bytes = Directory.read(path, limit: size), bytes.count == size {
            table.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
        }
        if Array(table.prefix(Self.words)) != store {
            table = store + [UInt64](repeating: 0, count: 256 * Self.words)
        }
    }

    /// Whether the folder of this number is as it was.
    func holds(_ pair: Pair?, of folder: Int) -> Bool {
        guard let pair else { return false }
        let start = (folder + 1) * Self.words
        return table[start..<start + Self.words].elementsEqual(pair.values)
    }

    /// Notes a folder as it was before it was compared, and found to be the same or made so.
    mutating func note(_ pair: Pair?, of folder: Int, at now: UInt64) {
        guard let pair, pair.isSettled(at: now) else { return }
        let start = (folder + 1) * Self.words
        table.replaceSubrange(start..<start + Self.words, with: pair.values)
        isChanged = true
    }

    /// Keeps them for the next time. What cannot be written is compared again then.
    func save() {
        guard isChanged else { return }
        try? Directory.write(table.withUnsafeBytes { Array($0) }, to: path)
    }

    /// Nanoseconds since the epoch, as files count them.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    /// Times before the epoch are later than all others.
    private static func nanoseconds(_ time: timespec) -> UInt64 {
        UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000 &+ UInt64(truncatingIfNeeded: time.tv_nsec)
    }
}
