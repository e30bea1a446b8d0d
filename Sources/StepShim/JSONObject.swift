/// Just enough JSON to write a flat record without Foundation.
struct JSONObject {
    private var members: [String] = []

    mutating func add(_ key: String, _ value: (some BinaryInteger)?) {
        guard let value else { return }
        members.append("\"\(key)\":\(value)")
    }

    mutating func add(_ key: String, _ value: String?) {
        guard let value else { return }
        members.append("\"\(key)\":\"\(JSONObject.escape(value))\"")
    }

    mutating func add(_ key: String, _ values: [Int32]) {
        members.append("\"\(key)\":[\(values.map(String.init).joined(separator: ","))]")
    }

    func encoded() -> [UInt8] {
        Array("{\(members.joined(separator: ","))}\n".utf8)
    }

    private static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                result += "\\"
                result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default:
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
