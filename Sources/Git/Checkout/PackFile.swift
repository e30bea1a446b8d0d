import CLibgit2
import CPlatform
import Glibc

/// A pack and its index (gitformat-pack, version 2 of both), in memory as long as this lives; for many threads.
final class PackFile: @unchecked Sendable {
    // Unchecked: the mappings are only read. Git never changes a pack, and one that it removes stays here.
    private let index: UnsafeRawBufferPointer
    /// The pack without the hash at its end.
    let bytes: UnsafeRawBufferPointer
    private let count: Int

    /// The packs of an object store, at its own path; none where they cannot be read.
    static func all(in objects: String) -> [PackFile] {
        let folder = objects + "/pack"
        let descriptor = runner_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard descriptor >= 0, let names = Directory.names(closing: descriptor) else { return [] }
        return names.compactMap { name in
            guard name.suffix(4).elementsEqual(".idx".utf8), let name = String(validating: name, as: UTF8.self) else {
                return nil
            }
            return PackFile("\(folder)/\(name.dropLast(4))")
        }
    }

    /// `path` is without its ending; nil for what is of another kind or not there (any more).
    private init?(_ path: String) {
        guard let index = Self.map(path + ".idx") else { return nil }
        guard let pack = Self.map(path + ".pack") else {
            munmap(UnsafeMutableRawPointer(mutating: index.baseAddress), index.count)
            return nil
        }
        self.index = index
        bytes = UnsafeRawBufferPointer(rebasing: pack.dropLast(20))
        count = index.count < Self.names ? 0 : Self.word(index, 8 + 4 * 255)
        let isKnown =
            index.count >= Self.names && Self.word(index, 0) == 0xFF74_4F63 && Self.word(index, 4) == 2
            && index.count >= Self.names + count * 28 + 40
            && pack.count >= 32 && Self.word(pack, 0) == 0x5041_434B && Self.word(pack, 4) == 2
        if !isKnown { return nil }
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: index.baseAddress), index.count)
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count + 20)
    }

    /// Where the object starts in `bytes`; nil when it is in another pack.
    func offset(of id: git_oid) -> Int? {
        let first = Int(id.id.0)
        var low = first == 0 ? 0 : Self.word(index, 8 + 4 * (first - 1))
        var high = min(Self.word(index, 8 + 4 * first), count)
        return withUnsafeBytes(of: id) { wanted -> Int? in
            guard let names = index.baseAddress, let wanted = wanted.baseAddress else { return nil }
            while low < high {
                let middle = (low + high) / 2
                let order = memcmp(names + Self.names + 20 * middle, wanted, 20)
                if order == 0 { return offset(at: middle) }
                if order < 0 { low = middle + 1 } else { high = middle }
            }
            return nil
        }
    }

    private func offset(at number: Int) -> Int? {
        let place = Self.word(index, Self.names + 24 * count + 4 * number)
        if place & 1 << 31 == 0 { return place < bytes.count ? place : nil }
        let distant = Self.names + 28 * count + 8 * (place & ~(1 << 31))
        guard distant + 8 <= index.count else { return nil }
        let offset = Self.word(index, distant) << 32 | Self.word(index, distant + 4)
        return 0..<bytes.count ~= offset ? offset : nil
    }

    /// Where the ids begin.
    private static let names = 8 + 4 * 256

    private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Int {
        Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
    }

    private static func map(_ path: String) -> UnsafeRawBufferPointer? {
        let file = runner_open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 32 else { return nil }
        let size = Int(status.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else { return nil }
        return UnsafeRawBufferPointer(start: start, count: size)
    }
}
