/// The lines that Git writes around what conflicts.
enum ConflictMarkers {
    /// Whether a line begins with seven `<` or `>` and a space, as at the beginning and the end of a conflict.
    static func areIn(_ bytes: [UInt8]) -> Bool {
        bytes.split(separator: 10).contains { line in
            guard line.count > 7, line[line.startIndex + 7] == 32 else { return false }
            let head = line.prefix(7)
            return head.allSatisfy { $0 == UInt8(ascii: "<") } || head.allSatisfy { $0 == UInt8(ascii: ">") }
        }
    }
}
