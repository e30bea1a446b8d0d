import Glibc

extension String {
    /// Whether there is a NUL character in it, which ends a C string and which PostgreSQL stores in no text.
    ///
    /// Asked of every statement and every value: `memchr` looks at many bytes at once.
    package var holdsNUL: Bool {
        let found = utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        }
        return found ?? utf8.contains(0)
    }
}
