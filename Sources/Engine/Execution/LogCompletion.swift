import Crypto
import Foundation
import RunnerCore
import Store

/// Makes the stored log of an attempt that is over equal to what the shim kept of its output.
///
/// What a worker that died, a database that was away or a flood left out is read from the attempt's files; rows of what
/// was given up since are dropped. So a recorded end implies the whole log.
struct LogCompletion: Sendable {
    let store: Store
    let attempt: AttemptID
    let folder: String

    private static let piece = 1 << 20

    /// Returns the SHA-256, in hex, of all that is kept: standard output, then standard error.
    ///
    /// `mayBeStored: false` says that no row was ever written, which spares a question.
    func run(mayBeStored: Bool = true) async throws -> String {
        var hash = SHA256()
        let streams = try LogStream.allCases.compactMap { stream in
            try OutputReader.Stream(rawValue: stream.rawValue).map { source in
                (stream, source, kept: try OutputReader(directory: folder, stream: source).kept())
            }
        }
        // Also what begins in the gap and ends behind it, which is then stored anew from there on.
        for (stream, _, kept) in streams where kept.count > 1 && mayBeStored {
            try await store.dropLog(attempt, stream, in: kept[0].upperBound..<kept[1].lowerBound)
        }
        let stored = mayBeStored ? try await stored() : [:]
        for (stream, source, kept) in streams {
            try await store(LogCompletion.subtract(stored[stream] ?? [], from: kept), of: stream, from: source)
            for stretch in kept {
                try await read(stretch, of: source) { hash.update(data: $1) }
            }
        }
        return hash.finalize().hexadecimal
    }

    /// Stores what is missing of `wanted`, while the attempt goes on; all of it must still be in the files.
    func fill(_ wanted: [LogStream: Range<Int>]) async throws {
        let stored = try await stored()
        for (stream, range) in wanted {
            guard let source = OutputReader.Stream(rawValue: stream.rawValue) else { continue }
            try await store(LogCompletion.subtract(stored[stream] ?? [], from: [range]), of: stream, from: source)
        }
    }

    private func store(
        _ stretches: [Range<Int>], of stream: LogStream, from source: OutputReader.Stream
    ) async throws {
        for stretch in stretches {
            try await read(stretch, of: source) { offset, bytes in
                try await store.appendLog(attempt, stream, offset: offset, bytes: bytes)
            }
        }
    }

    func stored() async throws -> [LogStream: [Range<Int>]] {
        try await store.keptLog(attempt)
    }

    private func read(
        _ stretch: Range<Int>, of stream: OutputReader.Stream, _ body: (Int, [UInt8]) async throws -> Void
    ) async throws {
        var reader = OutputReader(directory: folder, stream: stream, offset: stretch.lowerBound)
        while reader.offset < stretch.upperBound {
            let offset = reader.offset
            let bytes = try reader.readNew(max: min(LogCompletion.piece, stretch.upperBound - offset))
            guard !bytes.isEmpty else { return }
            try await body(offset, bytes)
        }
    }

    /// What of `wanted` is in none of `known`; both in order.
    static func subtract(_ known: [Range<Int>], from wanted: [Range<Int>]) -> [Range<Int>] {
        wanted.flatMap { stretch -> [Range<Int>] in
            var missing: [Range<Int>] = []
            var position = stretch.lowerBound
            for range in known where range.upperBound > position && range.lowerBound < stretch.upperBound {
                if range.lowerBound > position { missing.append(position..<range.lowerBound) }
                position = range.upperBound
            }
            if position < stretch.upperBound { missing.append(position..<stretch.upperBound) }
            return missing
        }
    }
}
