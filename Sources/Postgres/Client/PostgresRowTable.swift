import CLibpq

/// The cells of one result, copied out of libpq so that rows can be kept and sent.
final class PostgresRowTable: Sendable {
    let columns: PostgresColumns
    let rowCount: Int
    private let bytes: [UInt8]
    /// The range of each cell in `bytes`, row by row; `nil` is NULL.
    private let cells: [Range<Int>?]

    init(_ result: borrowing PostgresResult, _ columns: PostgresColumns) {
        self.columns = columns
        let width = PQnfields(result.handle)
        let height = PQntuples(result.handle)
        rowCount = Int(height)
        var bytes: [UInt8] = []
        var cells: [Range<Int>?] = []
        cells.reserveCapacity(Int(width) * Int(height))
        for row in 0..<height {
            for column in 0..<width {
                guard PQgetisnull(result.handle, row, column) == 0, let value = PQgetvalue(result.handle, row, column)
                else {
                    cells.append(nil)
                    continue
                }
                let start = bytes.count
                let length = Int(PQgetlength(result.handle, row, column))
                bytes += UnsafeRawBufferPointer(start: value, count: length)
                cells.append(start..<bytes.count)
            }
        }
        self.bytes = bytes
        self.cells = cells
    }

    /// The text of a cell, `nil` for NULL.
    func text(row: Int, column: Int) -> String? {
        cells[row * columns.names.count + column].map { String(decoding: bytes[$0], as: UTF8.self) }
    }
}
