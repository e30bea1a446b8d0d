import Foundation
import Testing

@testable import Git

/// A tree that checkouts get wrong, described for `git fast-import`.
struct CheckoutOddity: Sendable, CustomTestStringConvertible {
    struct Item: Sendable {
        let path: [UInt8]
        let mode: String
        let content: [UInt8]
    }

    let name: String
    let items: [Item]
    /// Gather everything into one pack with deltas before the checkout.
    var isPacked = false

    var testDescription: String { name }

    init(_ name: String, isPacked: Bool = false, _ items: [Item]) {
        self.name = name
        self.items = items
        self.isPacked = isPacked
    }

    static func file(_ path: String, _ text: String = "text\n", executable: Bool = false) -> Item {
        Item(path: Array(path.utf8), mode: executable ? "100755" : "100644", content: Array(text.utf8))
    }

    static func bytes(_ path: [UInt8], _ content: [UInt8] = [0x78, 0x0A]) -> Item {
        Item(path: path, mode: "100644", content: content)
    }

    static func link(_ path: String, to target: String) -> Item {
        Item(path: Array(path.utf8), mode: "120000", content: Array(target.utf8))
    }

    static func submodule(_ path: String) -> Item {
        Item(path: Array(path.utf8), mode: "160000", content: [])
    }

    /// The tree as one commit on refs/heads/odd.
    var importStream: [UInt8] {
        var stream = Array("commit refs/heads/odd\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nx\n".utf8)
        for item in items {
            let path = "\"" + item.path.map { "\\" + String($0, radix: 8).leftPadded(3) }.joined() + "\""
            if item.mode == "160000" {
                stream += Array("M 160000 \(String(repeating: "1", count: 40)) \(path)\n".utf8)
            } else {
                stream +=
                    Array("M \(item.mode) inline \(path)\ndata \(item.content.count)\n".utf8) + item.content + [0x0A]
            }
        }
        return stream
    }

    static let all = names + attributes + shapes
}

extension String {
    fileprivate func leftPadded(_ width: Int) -> String {
        String(repeating: "0", count: max(0, width - count)) + self
    }
}
