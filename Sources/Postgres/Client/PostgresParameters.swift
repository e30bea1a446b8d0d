import CLibpq

/// The binds of one statement in the arrays that libpq asks for.
struct PostgresParameters {
    private(set) var types: [Oid] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var bytes: [UInt8] = []

    init(_ binds: [PostgresBind]) throws(PostgresError) {
        for (index, bind) in binds.enumerated() {
            types.append(Oid(bind.type))
            formats.append(bind.bytes == nil ? 0 : 1)
            guard bind.bytes != nil || bind.text != nil else {
                offsets.append(nil)
                lengths.append(0)
                continue
            }
            let start = bytes.count
            if let binary = bind.bytes {
                bytes += binary
            } else if let text = bind.text {
                guard !text.holdsNUL else {
                    throw PostgresError(
                        .encoding, operation: "query", message: "value $\(index + 1) holds a NUL character",
                        hint: "PostgreSQL text cannot store NUL")
                }
                bytes += text.utf8
            }
            offsets.append(start)
            lengths.append(Int32(clamping: bytes.count - start))
            bytes.append(0)
        }
    }

    /// Lends count, types, values, lengths and formats for the length of the call.
    func withPointers<T>(
        _ body: (
            Int32, UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?
        ) -> T
    ) -> T {
        bytes.withUnsafeBytes { buffer in
            let base = buffer.bindMemory(to: CChar.self).baseAddress
            let values = offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } }
            return values.withUnsafeBufferPointer { values in
                body(Int32(clamping: types.count), types, values.baseAddress, lengths, formats)
            }
        }
    }
}
