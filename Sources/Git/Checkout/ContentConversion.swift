import CLibgit2
import CPlatform
import Glibc

/// How the attributes of a path change its content on the way into a worktree (gitattributes: ident, text, eol,
/// working-tree-encoding), with `git`'s own rules for core.autocrlf=false and core.eol=lf.
///
/// Ours and not libgit2's filters, which know no encoding and ask for the attributes of the worktree's files.
struct ContentConversion {
    enum LineEnds { case kept, crlf, crlfWhereText }

    var expandsIdent = false
    var lineEnds = LineEnds.kept
    var encoding: String?
    /// The name of an external filter, as `lfs`, which is not run here.
    var filter: String?

    /// Whether Git LFS has the content.
    var isLarge: Bool { filter == LargeFilePointer.filter }

    var isIdentity: Bool { !expandsIdent && lineEnds == .kept && encoding == nil }

    /// The content for the worktree; nil when nothing changes.
    func apply(_ content: UnsafeRawBufferPointer, id: git_oid) -> [UInt8]? {
        var result: [UInt8]?
        if expandsIdent { result = Self.expandIdent(content, id) }
        if lineEnds != .kept {
            result = withBytes(result, or: content) { Self.addCarriageReturns($0, lineEnds) } ?? result
        }
        if let encoding { result = withBytes(result, or: content) { TextEncoding.encode($0, to: encoding) } ?? result }
        return result
    }

    private func withBytes<R>(
        _ bytes: [UInt8]?, or content: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> R
    ) -> R {
        bytes?.withUnsafeBytes(body) ?? body(content)
    }

    /// `$Id$` and `$Id: …$` become `$Id: <blob> $`; what looks like another system's keyword stays.
    static func expandIdent(_ content: UnsafeRawBufferPointer, _ id: git_oid) -> [UInt8]? {
        guard content.contains(dollar) else { return nil }
        let expanded = Array("Id: \(ObjectID(id)) $".utf8)
        var result: [UInt8] = []
        var rest = content[...]
        var isChanged = false
        while let start = rest.firstIndex(of: dollar) {
            result.append(contentsOf: rest[...start])
            rest = rest[(start + 1)...]
            guard rest.count >= 3, rest.starts(with: [UInt8(ascii: "I"), UInt8(ascii: "d")]) else { continue }
            let mark = rest[rest.startIndex + 2]
            if mark == dollar {
                rest = rest.dropFirst(3)
            } else if mark == UInt8(ascii: ":") {
                guard let end = rest.dropFirst(3).firstIndex(of: dollar) else { break }
                let inner = rest[(rest.startIndex + 3)..<end]
                if inner.contains(newline) { continue }
                if let space = inner.dropFirst().firstIndex(of: UInt8(ascii: " ")), space < end - 1 { continue }
                rest = rest[(end + 1)...]
            } else {
                continue
            }
            result.append(contentsOf: expanded)
            isChanged = true
        }
        guard isChanged else { return nil }
        result.append(contentsOf: rest)
        return result
    }

    /// The way back: `$Id: …$` on one line becomes `$Id$`; nil when nothing changes.
    static func contractIdent(_ content: UnsafeRawBufferPointer) -> [UInt8]? {
        let keyword = Array("Id:".utf8)
        var result: [UInt8] = []
        var rest = content[...]
        var isChanged = false
        while let start = rest.firstIndex(of: dollar) {
            result.append(contentsOf: rest[...start])
            rest = rest[(start + 1)...]
            guard rest.count > 3, rest.starts(with: keyword) else { continue }
            guard let end = rest.dropFirst(3).firstIndex(of: dollar) else { break }
            if rest[..<end].contains(newline) { continue }
            result.append(contentsOf: [UInt8(ascii: "I"), UInt8(ascii: "d"), dollar])
            rest = rest[(end + 1)...]
            isChanged = true
        }
        guard isChanged else { return nil }
        result.append(contentsOf: rest)
        return result
    }

    static func addCarriageReturns(_ content: UnsafeRawBufferPointer, _ rule: LineEnds) -> [UInt8]? {
        let facts = TextFacts(content)
        guard facts.loneNewlines > 0 else { return nil }
        if rule == .crlfWhereText, facts.loneReturns > 0 || facts.pairs > 0 || facts.isBinary { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(content.count + facts.loneNewlines)
        var last: UInt8 = 0
        for byte in content {
            if byte == newline, last != carriageReturn { result.append(carriageReturn) }
            result.append(byte)
            last = byte
        }
        return result
    }

    private static let dollar = UInt8(ascii: "$")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
}
