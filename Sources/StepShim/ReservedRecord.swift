import Glibc

/// The exit record's place on disk, taken before the command runs, so that a full disk cannot lose the outcome.
struct ReservedRecord {
    /// No record is longer: its only free text is cut.
    static let size = 4096
    private static let temporary = "exit.reserve"

    private let directory: AttemptDirectory
    private let file: Int32

    init(in directory: AttemptDirectory) throws {
        self.directory = directory
        file = try directory.create(ReservedRecord.temporary)
        let failure = posix_fallocate(file, 0, off_t(ReservedRecord.size))
        guard failure == 0 else {
            directory.remove(ReservedRecord.temporary)
            throw ShimFailure("reserve exit record", code: failure)
        }
    }

    /// Publishes the record as `exit`; durable when it returns.
    func write(_ record: ExitRecord) throws {
        var bytes = record.json()
        let length = bytes.count
        // Spaces after the value are valid JSON, should shortening the file fail.
        bytes += [UInt8](repeating: 0x20, count: max(0, ReservedRecord.size - length))
        guard pwrite(file, bytes, bytes.count, 0) == bytes.count else { throw ShimFailure("write exit") }
        ftruncate(file, off_t(length))
        guard fsync(file) == 0 else { throw ShimFailure("write exit") }
        try directory.publish(ReservedRecord.temporary, as: "exit")
        close(file)
    }
}
