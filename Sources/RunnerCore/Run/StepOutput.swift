/// Reads the file that a step writes its outputs to.
package enum StepOutput {
    package static let sizeLimit = 1 << 20

    /// The outputs by name; a later value of a name wins.
    ///
    /// A line is `name=value`, or `name<<WORD` with the lines of the value after it and a line `WORD` at the end.
    /// Empty lines between are ignored, and bytes that are no UTF-8 are replaced.
    package static func parse(_ bytes: [UInt8]) throws(StepOutputError) -> [String: String] {
        guard bytes.count <= sizeLimit else {
            throw StepOutputError(line: 1, message: "the outputs are larger than 1 MiB")
        }
        var outputs: [String: String] = [:]
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map(withoutReturn)
        var index = 0
        while index < lines.count {
            let line = lines[index]
            index += 1
            if line.allSatisfy({ $0 == 32 || $0 == 9 }) { continue }
            let equals = line.firstIndex(of: UInt8(ascii: "="))
            if let marker = heredoc(in: line), marker < equals ?? .max {
                let name = try name(line[..<marker], line: index)
                outputs[name] = try value(in: lines, from: &index, until: line[(marker + 2)...])
            } else if let equals {
                outputs[try name(line[..<equals], line: index)] = text(line[(equals + 1)...])
            } else {
                throw StepOutputError(line: index, message: "expected name=value or name<<WORD")
            }
        }
        return outputs
    }

    /// A file that `parse` reads the outputs from.
    package static func text(of outputs: [String: String]) -> String {
        outputs.sorted { $0.key < $1.key }.map { name, value in
            var word = "END"
            // Bytes, as they are read: to Swift, "\r\n" is one character.
            let lines = value.utf8.split(separator: 10).map { withoutReturn(ArraySlice($0)) }
            while lines.contains(ArraySlice(word.utf8)) {
                word += "_"
            }
            return "\(name)<<\(word)\n\(value)\n\(word)\n"
        }.joined()
    }

    /// The lines up to the one that equals `word`; `index` ends after it.
    private static func value(
        in lines: [ArraySlice<UInt8>], from index: inout Int, until word: ArraySlice<UInt8>
    ) throws(StepOutputError) -> String {
        let start = index
        guard !word.isEmpty else { throw StepOutputError(line: start, message: "the word after << is missing") }
        guard let end = lines[start...].firstIndex(where: { $0 == word }) else {
            throw StepOutputError(
                line: start, message: "the value is not closed with a line \"\(text(word).shortened)\"")
        }
        index = end + 1
        return text(ArraySlice(lines[start..<end].joined(separator: [10])))
    }

    private static func name(_ bytes: ArraySlice<UInt8>, line: Int) throws(StepOutputError) -> String {
        let name = text(bytes)
        guard isName(name) else {
            throw StepOutputError(
                line: line, message: "\"\(name.shortened)\" is no name for an output; use letters, digits, - and _")
        }
        return name
    }

    static func isName(_ name: String) -> Bool {
        name.utf8.count <= 100 && EnvironmentName.isValid(name.replacing("-", with: "_")) && !name.hasPrefix("-")
    }

    private static func heredoc(in line: ArraySlice<UInt8>) -> Int? {
        line.indices.first {
            line[$0] == UInt8(ascii: "<") && $0 + 1 < line.endIndex && line[$0 + 1] == UInt8(ascii: "<")
        }
    }

    private static func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.last == 13 ? line.dropLast() : line
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
