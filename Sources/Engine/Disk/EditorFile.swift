/// The files that editors leave beside one that they have open.
enum EditorFile {
    /// Swap files of Vim and Neovim, lock files of Emacs and of office programs.
    static func matches(_ name: [UInt8]) -> Bool {
        guard name.first == UInt8(ascii: ".") else { return false }
        let text = String(decoding: name, as: UTF8.self)
        let isSwap = text.count > 5 && [".swp", ".swo", ".swn"].contains { text.hasSuffix($0) }
        return isSwap || text.hasPrefix(".#") || text.hasPrefix(".~lock.")
    }
}
