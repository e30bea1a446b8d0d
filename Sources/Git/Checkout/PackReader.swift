import CDeflate
import CLibgit2

/// Unpacks blobs for one thread.
///
/// libgit2 can do it all; what this is for is the two thirds of the work that its locks and zlib add to a checkout. It
/// returns nil for whatever is unusual, and libgit2 is asked.
struct PackReader: ~Copyable {
    private let packs: [PackFile]
    private let inflater: OpaquePointer?
    /// The pack that had the last object.
    private var recent = 0
    /// Objects that others are made from, by their places in a pack; neighbours share them.
    private var bases: [Place: [UInt8]] = [:]
    private var baseBytes = 0

    private struct Place: Hashable {
        let pack: Int
        let offset: Int
    }

    /// Bytes of an object that is worth holding in memory twice, and of all bases.
    private static let (limit, basesLimit) = (16 << 20, 32 << 20)
    /// Git makes chains of 50, and of 4,095 at most.
    private static let depth = 4_096

    init(_ packs: [PackFile]) {
        inflater = packs.isEmpty ? nil : libdeflate_alloc_decompressor()
        self.packs = inflater == nil ? [] : packs
    }

    deinit {
        libdeflate_free_decompressor(inflater)
    }

    /// The content of the blob `id`, its checksum and its size verified; its hash is not.
    mutating func blob(_ id: git_oid) -> [UInt8]? {
        // Nearly all are in the pack of the one before.
        for step in packs.indices {
            let number = (recent + step) % packs.count
            guard let offset = packs[number].offset(of: id) else { continue }
            recent = number
            return content(Place(pack: number, offset: offset))
        }
        return nil
    }

    /// Goes from delta to delta down to a whole object, then up again.
    private mutating func content(_ place: Place) -> [UInt8]? {
        var deltas: [(place: Place, header: Header)] = []
        var place = place
        var content: [UInt8]
        while true {
            if let known = bases[place] {
                content = known
                break
            }
            guard deltas.count < Self.depth, let header = Header(packs[place.pack], at: place.offset) else {
                return nil
            }
            if let base = header.base {
                deltas.append((place, header))
                place = Place(pack: place.pack, offset: base)
                continue
            }
            guard header.isBlob, let whole = inflate(header, in: place.pack) else { return nil }
            content = whole
            if !deltas.isEmpty { keep(whole, place) }
            break
        }
        while let (place, header) = deltas.popLast() {
            guard let delta = inflate(header, in: place.pack), let made = Self.apply(delta, to: content) else {
                return nil
            }
            content = made
            if !deltas.isEmpty { keep(made, place) }
        }
        return content
    }

    private mutating func keep(_ content: [UInt8], _ place: Place) {
        if baseBytes + content.count > Self.basesLimit {
            bases.removeAll()
            baseBytes = 0
        }
        bases[place] = content
        baseBytes += content.count
    }

    private func inflate(_ header: Header, in pack: Int) -> [UInt8]? {
        let input = packs[pack].bytes[header.data...]
        guard header.size <= Self.limit, let start = UnsafeRawBufferPointer(rebasing: input).baseAddress else {
            return nil
        }
        var isWhole = false
        // A byte more than needed, so that there is a buffer for nothing too.
        let content = [UInt8](unsafeUninitializedCapacity: header.size + 1) { buffer, count in
            // Without a place for the size it must be the very one.
            isWhole =
                libdeflate_zlib_decompress(inflater, start, input.count, buffer.baseAddress, header.size, nil)
                == LIBDEFLATE_SUCCESS
            count = isWhole ? header.size : 0
        }
        return isWhole ? content : nil
    }

    /// What stands in front of an object's compressed bytes.
    private struct Header {
        var isBlob = false
        /// Bytes of the object, or of the delta.
        var size = 0
        /// Where the object starts that a delta changes; nil when it is none.
        var base: Int?
        /// Where the compressed bytes start.
        var data: Int

        /// Nil for damage and for objects of version 3.
        init?(_ pack: PackFile, at offset: Int) {
            var place = offset
            func next() -> Int? {
                guard place < pack.bytes.count else { return nil }
                defer { place += 1 }
                return Int(pack.bytes[place])
            }
            data = offset
            guard var byte = next() else { return nil }
            let type = byte >> 4 & 7
            size = byte & 0x0F
            var shift = 4
            while byte & 0x80 != 0 {
                guard shift < 40, let more = next() else { return nil }
                byte = more
                size |= (byte & 0x7F) << shift
                shift += 7
            }
            switch type {
            case 3: isBlob = true
            case 6:
                guard var byte = next() else { return nil }
                var distance = byte & 0x7F
                while byte & 0x80 != 0 {
                    guard distance < 1 << 40, let more = next() else { return nil }
                    byte = more
                    distance = (distance + 1) << 7 | byte & 0x7F
                }
                guard distance > 0, distance <= offset else { return nil }
                base = offset - distance
            case 7:
                guard place + 20 <= pack.bytes.count else { return nil }
                let id = pack.bytes.loadUnaligned(fromByteOffset: place, as: git_oid.self)
                place += 20
                guard let offset = pack.offset(of: id) else { return nil }
                base = offset
            default: return nil
            }
            data = place
        }
    }

    /// Nil for a delta that is damaged, or of another base.
    static func apply(_ delta: [UInt8], to base: [UInt8]) -> [UInt8]? {
        delta.withUnsafeBytes { delta in
            base.withUnsafeBytes { base in
                var place = 0
                guard number(delta, &place) == base.count, let size = number(delta, &place), size <= limit else {
                    return nil
                }
                var isWhole = false
                let result = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
                    isWhole = fill(UnsafeMutableRawBufferPointer(buffer), size, from: base, delta, at: place)
                    count = isWhole ? size : 0
                }
                return isWhole ? result : nil
            }
        }
    }

    private static func number(_ delta: UnsafeRawBufferPointer, _ place: inout Int) -> Int? {
        var (number, shift) = (0, 0)
        while place < delta.count, shift < 49 {
            let byte = Int(delta[place])
            place += 1
            number |= (byte & 0x7F) << shift
            if byte & 0x80 == 0 { return number }
            shift += 7
        }
        return nil
    }

    /// Follows a delta's instructions; true when they make exactly `size` bytes.
    private static func fill(
        _ result: UnsafeMutableRawBufferPointer, _ size: Int, from base: UnsafeRawBufferPointer,
        _ delta: UnsafeRawBufferPointer, at start: Int
    ) -> Bool {
        var (place, made) = (start, 0)
        while place < delta.count {
            let instruction = Int(delta[place])
            place += 1
            var (source, offset, count) = (delta, place, instruction)
            if instruction & 0x80 != 0 {
                (source, offset, count) = (base, 0, 0)
                for bit in 0..<7 where instruction & 1 << bit != 0 {
                    guard place < delta.count else { return false }
                    let byte = Int(delta[place])
                    place += 1
                    if bit < 4 { offset |= byte << (8 * bit) } else { count |= byte << (8 * (bit - 4)) }
                }
                if count == 0 { count = 0x10000 }
            } else {
                place += count
            }
            guard count > 0, offset + count <= source.count, made + count <= size else { return false }
            UnsafeMutableRawBufferPointer(rebasing: result[made..<(made + count)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<(offset + count)]))
            made += count
        }
        return made == size
    }
}
