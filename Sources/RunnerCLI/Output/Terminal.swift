import CPlatform
import Foundation
import Glibc
import Rainbow

/// Writes data to standard output and everything else to standard error.
enum Terminal {
    static let isErrorTerminal = isatty(STDERR_FILENO) == 1
    static let isOutputTerminal = isatty(STDOUT_FILENO) == 1
    /// NO_COLOR is honoured: https://no-color.org
    static let usesColor = getenv("NO_COLOR") == nil

    static var width: Int {
        let columns = Int(runner_terminal_width(STDERR_FILENO))
        return columns > 20 ? columns : 100
    }

    /// Of the terminal that shows the data.
    static var outputWidth: Int {
        let columns = Int(runner_terminal_width(STDOUT_FILENO))
        return columns > 20 ? columns : 100
    }

    /// Writes data. A reader that went away ends the program quietly, as every filter does.
    static func write(_ text: String) {
        write(Array(text.utf8))
    }

    static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                let number = errno
                if number == EPIPE { exit(ExitStatus.success.rawValue) }
                message("error: standard output cannot be written (\(String(cString: strerror(number))))")
                exit(ExitStatus.environment.rawValue)
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes data that belongs on standard error, as the error output of a program does; nothing there may fail us.
    static func writeError(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// Writes one line that is no data.
    static func message(_ text: String) {
        messageWithoutNewline(text + "\n")
    }

    static func messageWithoutNewline(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    static func fail(_ failure: Failure) {
        let label = isErrorTerminal && usesColor ? "error:".red.bold : "error:"
        let lines = failure.message.split(separator: "\n").map { plain(String($0)) }
        message("\(label) \(lines.joined(separator: "\n"))")
        if let hint = failure.hint { message(" hint: \(plainLines(hint))") }
    }

    /// Every line of `text` through `plain`.
    static func plainLines(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { plain(String($0)) }
            .joined(separator: "\n")
    }

    /// `text` on one line without control characters, so that no output of a program can steer the terminal.
    ///
    /// Line ends and tabs become spaces: what stood on two lines is not to look like one word.
    static func plain(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 9...13, 0x85, 0x2028, 0x2029: plain.append(" ")
            case 0..<32, 127..<160: break
            default: plain.append(scalar)
            }
        }
        return String(plain)
    }
}
