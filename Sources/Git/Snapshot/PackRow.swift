/// Where a pack holds an object.
struct PackRow {
    var id: ObjectID
    /// CRC-32 of the object's bytes in the pack.
    var checksum: UInt32
    var offset: Int64
}
