/// Output of a program, piece by piece, as lines for a screen that it is not to steer.
///
/// Colours and other sequences are left out (ECMA-48), and the line ends of Windows are ordinary ones. What a carriage
/// return would have written over stays, on a line of its own: a log is to show all that was written.
struct ScreenText {
    private enum Place {
        case text
        /// Behind ESC.
        case sequence
        /// Behind ESC [.
        case control
        /// In a text for the terminal, to BEL or to ESC \.
        case string
        case endOfString
    }

    private var place = Place.text
    private var isAfterReturn = false
    private var isAtLineStart = true

    mutating func shown(_ bytes: [UInt8]) -> String {
        var result = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { take(scalar, &result) }
        return String(result)
    }

    private mutating func take(_ scalar: Unicode.Scalar, _ result: inout String.UnicodeScalarView) {
        switch place {
        case .text: show(scalar, &result)
        case .sequence:
            switch scalar {
            case "[": place = .control
            case "]", "P", "X", "^", "_": place = .string
            default: if !(0x20...0x2F).contains(scalar.value) { place = .text }
            }
        case .control: if (0x40...0x7E).contains(scalar.value) { place = .text }
        case .string: if scalar.value == 7 { place = .text } else if scalar.value == 0x1B { place = .endOfString }
        case .endOfString: place = .text
        }
        // What never ends is no sequence: the rest of the output is not to be lost behind it.
        if scalar == "\n", place != .text {
            place = .text
            show(scalar, &result)
        }
    }

    private mutating func show(_ scalar: Unicode.Scalar, _ result: inout String.UnicodeScalarView) {
        switch scalar.value {
        case 0x1B: place = .sequence
        case 13: isAfterReturn = true
        case 10:
            result.append(scalar)
            (isAfterReturn, isAtLineStart) = (false, true)
        default:
            if isAfterReturn, !isAtLineStart { result.append("\n") }
            let isControl = scalar.value < 32 && scalar.value != 9 || (127..<160).contains(scalar.value)
            result.append(isControl ? "\u{FFFD}" : scalar)
            (isAfterReturn, isAtLineStart) = (false, false)
        }
    }
}
