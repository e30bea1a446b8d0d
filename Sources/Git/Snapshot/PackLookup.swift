import CLibgit2

/// Finds an object in the packs of a hub.
enum PackLookup {
    /// The pack and the place in it; nil when no pack has the object.
    static func place(of id: ObjectID, in hub: Hub) throws(GitError) -> (pack: OpenFile, offset: Int64)? {
        let folder = try DirectoryHandle.open(hub.path + "/objects/pack")
        let ending = Array(".idx".utf8)
        for name in try folder.names() where name.suffix(4).elementsEqual(ending) {
            // A repack may take it away at any time.
            guard let index = try? OpenFile(name, in: folder), let offset = try offset(of: id, in: index),
                let pack = try? OpenFile(name.dropLast(4) + Array(".pack".utf8), in: folder)
            else { continue }
            return (pack, offset)
        }
        return nil
    }

    /// Searches one index, version 2 of gitformat-pack(5); nil when it is of another version.
    private static func offset(of id: ObjectID, in index: OpenFile) throws(GitError) -> Int64? {
        let wanted = withUnsafeBytes(of: id.oid.id) { Array($0) }
        guard try number(at: 0, in: index) == 0xFF74_4F63, try number(at: 4, in: index) == 2 else { return nil }
        let first = Int64(wanted[0])
        var low = try first == 0 ? 0 : number(at: 8 + 4 * (first - 1), in: index)
        let (end, total) = (try number(at: 8 + 4 * first, in: index), try number(at: 8 + 4 * 255, in: index))
        let ids: Int64 = 8 + 4 * 256
        var high = end
        while low < high {
            let middle = (low + high) / 2
            let found = try index.bytes(at: ids + 20 * middle, count: 20)
            if found == wanted {
                let offset = try number(at: ids + 24 * total + 4 * middle, in: index)
                guard offset & 1 << 31 != 0 else { return offset }
                let large = ids + 28 * total + 8 * (offset & ~(1 << 31))
                return try number(at: large, in: index) << 32 | number(at: large + 4, in: index)
            }
            if found.lexicographicallyPrecedes(wanted) { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    private static func number(at offset: Int64, in index: OpenFile) throws(GitError) -> Int64 {
        try index.bytes(at: offset, count: 4).reduce(0) { $0 << 8 | Int64($1) }
    }
}
