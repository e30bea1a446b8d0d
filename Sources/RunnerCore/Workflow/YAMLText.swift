/// The text of a workflow file after the checks that need no YAML parser.
struct YAMLText {
    /// Larger files are refused.
    static let sizeLimit = 1 << 20
    /// Characters a file may have once its aliases are written out.
    static let expandedLimit = 4 << 20

    let text: String

    init(_ source: [UInt8], file: String) throws(WorkflowErrors) {
        func failure(_ line: Int, _ column: Int, _ message: String) -> WorkflowErrors {
            WorkflowErrors([WorkflowError(file: file, line: line, column: column, keyPath: "", message: message)])
        }
        guard source.count <= YAMLText.sizeLimit else {
            throw failure(1, 1, "the file is larger than 1 MiB")
        }
        if source.starts(with: [0xFF, 0xFE]) || source.starts(with: [0xFE, 0xFF]) {
            throw failure(1, 1, "the file is UTF-16; save it as UTF-8")
        }
        let bytes = source.starts(with: [0xEF, 0xBB, 0xBF]) ? source.dropFirst(3) : source[...]
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let (line, column) = YAMLText.position(of: YAMLText.validLength(bytes), in: bytes)
            throw failure(line, column, "the file is not UTF-8 text")
        }
        if let index = bytes.firstIndex(where: { $0 < 32 && $0 != 9 && $0 != 10 && $0 != 13 || $0 == 127 }) {
            let (line, column) = YAMLText.position(of: index - bytes.startIndex, in: bytes)
            throw failure(line, column, "a control character is not allowed in the file")
        }
        if YAMLAliases(bytes).expandedSize > YAMLText.expandedLimit {
            throw failure(1, 1, "the aliases (\"*name\") of the file expand to more than 4 MiB")
        }
        self.text = text
    }

    /// How many bytes at the start are whole UTF-8 characters.
    private static func validLength(_ bytes: ArraySlice<UInt8>) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var length = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { length += UTF8.width(scalar) }
        return length
    }

    private static func position(of offset: Int, in bytes: ArraySlice<UInt8>) -> (line: Int, column: Int) {
        let before = bytes.prefix(offset)
        let line = before.count { $0 == 10 } + 1
        let start = before.lastIndex(of: 10).map { $0 + 1 } ?? before.startIndex
        return (line, String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1)
    }
}
