import Foundation

extension CheckoutOddity {
    static let names: [CheckoutOddity] = [
        CheckoutOddity("plain and executable files", [file("a"), file("b.sh", "#!/bin/sh\n", executable: true)]),
        CheckoutOddity(
            "names that are not UTF-8", [bytes([0xFF, 0xFE]), bytes([0x64, 0x2F, 0xE9, 0x80]), file("d/é")]),
        CheckoutOddity(
            "names with control characters, quotes and backslashes",
            [
                file("new\nline"), file("tab\t"), file("quote\"'"), file("back\\slash"), file(" lead"), file("trail "),
                file("-dash"), file("*?[x]"), file("\u{7F}"), file("d \\/x"),
            ]),
        CheckoutOddity(
            "names that differ by case only", [file("a", "1"), file("A", "2"), file("d/x", "3"), file("D/x", "4")]),
        CheckoutOddity(
            "names that differ by their Unicode form only", [file("e\u{301}", "1"), bytes([0xC3, 0xA9], [0x32])]),
        CheckoutOddity("a name of 255 bytes", [file(String(repeating: "n", count: 255))]),
        CheckoutOddity(
            "a path of 3,500 bytes",
            [file((0..<14).map { _ in String(repeating: "d", count: 249) }.joined(separator: "/") + "/file")]),
        CheckoutOddity("250 folders deep", [file(Array(repeating: "d", count: 250).joined(separator: "/") + "/file")]),
        CheckoutOddity(
            "names that only look like Git's own",
            [
                file(".gitx"), file("x.git/config"), file(".github/a"), file("...", "3"), file("git~2"), file("..a"),
                file(".gitignored"), file("git"), file("GIT"), file(".gi\u{200C}tx"), file("~"), file("a:b"),
            ]),
        CheckoutOddity(
            "names whose order in trees and index differs",
            [file("a-b"), file("a/b"), file("a.b"), file("a0"), file("a/b-c/d"), file("a/b.c"), file("ab/c")]),
        CheckoutOddity("names in emoji", [file("🦊/🐻.txt", "🐼\n")]),
        CheckoutOddity("names of devices elsewhere", [file("CON"), file("aux.c"), file("nul/x"), file("end.")]),
    ]

    private static let dollars =
        "$Id$ and $Id: old$ and $Id: a b $ and $Id: 1.2 foreign $ $Id\n$ $Idx$ $Id: open\nrest $Id$"

    static let attributes: [CheckoutOddity] = [
        CheckoutOddity(
            "eol=crlf",
            [file(".gitattributes", "*.bat text eol=crlf\n"), file("a.bat", "1\n2\r\n3\n"), file("b", "1\n")]),
        CheckoutOddity(
            "text=auto eol=crlf with binary content, pairs and lone returns",
            [
                file(".gitattributes", "* text=auto eol=crlf\n"), file("text", "1\n2\n"), file("pairs", "1\r\n2\n"),
                file("lone", "1\r2\n"), file("nul", "a\0b\n"), file("odd", String(repeating: "\u{1}", count: 9) + "\n"),
                file("none", "no line end"), file("dos", "1\n\u{1A}"), file("empty", ""),
            ]),
        CheckoutOddity(
            "text with carriage returns in the repository",
            [file(".gitattributes", "*.a text\n*.b eol=lf\n"), file("x.a", "1\r\n"), file("x.b", "1\r\n")]),
        CheckoutOddity(
            "the old crlf attribute",
            [
                file(
                    ".gitattributes",
                    "*.a crlf eol=crlf\n*.b -crlf eol=crlf\n*.c crlf=input eol=crlf\n*.d text=odd eol=crlf\n"),
                file("x.a", "1\n"), file("x.b", "1\n"), file("x.c", "1\n"), file("x.d", "1\n"),
            ]),
        CheckoutOddity(
            "ident",
            [file(".gitattributes", "*.c ident\n"), file("a.c", dollars), file("b.c", "$Id$"), file("c.c", "$")]),
        CheckoutOddity(
            "ident and eol together", [file(".gitattributes", "* ident eol=crlf\n"), file("a", "$Id$\n$Id$\n")]),
        CheckoutOddity(
            "UTF-16",
            [
                file(
                    ".gitattributes",
                    "*.u16 working-tree-encoding=UTF-16\n*.le working-tree-encoding=UTF-16LE-BOM eol=crlf\n"
                        + "*.be working-tree-encoding=UTF-16BE\n"),
                file("a.u16", "hé🦊\n"), file("b.le", "hé\n"), file("c.be", "hé\n"), file("d.u16", ""),
            ]),
        CheckoutOddity(
            "other encodings, and text that they cannot hold",
            [
                file(
                    ".gitattributes",
                    "*.l1 working-tree-encoding=ISO-8859-1\n*.j working-tree-encoding=SHIFT-JIS\n"
                        + "*.n working-tree-encoding=no-such-encoding\n*.8 working-tree-encoding=UTF-8\n"),
                file("a.l1", "é\n"), file("b.l1", "🦊\n"), file("c.j", "日本\n"), file("d.n", "x\n"), file("e.8", "é\n"),
                bytes(Array("f.l1".utf8), [0xFF, 0x0A]),
            ]),
        CheckoutOddity(
            "attributes in folders, with exceptions",
            [
                file(".gitattributes", "*.txt eol=crlf\ndeep/**/x.txt -text\n/top.txt -text\n"), file("a.txt", "1\n"),
                file("top.txt", "1\n"), file("d/top.txt", "1\n"),
                file("d/.gitattributes", "*.txt eol=lf\nsub/*.txt eol=crlf\n"),
                file("d/a.txt", "1\n"), file("d/sub/a.txt", "1\n"), file("deep/1/2/x.txt", "1\n"),
                file("e/a.txt", "1\n"),
            ]),
        CheckoutOddity(
            "attribute macros",
            [
                file(
                    ".gitattributes", "[attr]dos text eol=crlf\n*.x dos\n*.bin binary\n* text=auto eol=crlf\ny.x !eol\n"
                ),
                file("a.x", "1\n"), file("b.bin", "1\n"), file("y.x", "1\n"), file("z", "1\n"),
            ]),
        CheckoutOddity(
            "attributes that change their own file",
            [file(".gitattributes", "* eol=crlf\n*.t ident\n"), file("a.t", "$Id$\n")]),
        CheckoutOddity(
            "attributes below the top only",
            [file("a", "1\n"), file("d/.gitattributes", "* eol=crlf\n"), file("d/e/f", "1\n"), file("e/f", "1\n")]),
        CheckoutOddity(
            "a link in the place of .gitattributes",
            [link(".gitattributes", to: "real"), file("real", "* eol=crlf\n"), file("a", "1\n")]),
        CheckoutOddity(
            "a folder in the place of .gitattributes", [file(".gitattributes/a", "* eol=crlf\n"), file("b", "1\n")]),
        CheckoutOddity(
            "LFS pointers",
            [
                file(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n"),
                file(
                    "a.bin",
                    "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "a", count: 64))\nsize 5\n"
                ),
            ]),
        CheckoutOddity(
            "an external filter that nobody has, and line ends",
            [file(".gitattributes", "* filter=odd eol=crlf\n"), file("a", "1\n")]),
        CheckoutOddity(
            "attributes for export only",
            [file(".gitattributes", "* export-subst\nb export-ignore\n"), file("a", "$Format:%H$\n"), file("b")]),
        CheckoutOddity(
            "attributes on links", [file(".gitattributes", "* eol=crlf ident\n"), link("l", to: "a\n$Id$")]),
    ]

    static let shapes: [CheckoutOddity] = [
        CheckoutOddity("an empty tree", []),
        CheckoutOddity("empty files", [file("a", ""), file("d/b", "", executable: true)]),
        CheckoutOddity(
            "links of all kinds",
            [
                link("to-file", to: "a"), link("to-folder", to: "d"), link("nowhere", to: "../../outside"),
                link("absolute", to: "/etc/passwd"), link("d/self", to: "self"), file("a"), file("d/b"),
                link("long", to: String(repeating: "x/", count: 2_000)),
            ]),
        CheckoutOddity(
            "a link whose target is not UTF-8", [Item(path: [0x6C], mode: "120000", content: [0xFF, 0x2F, 0xFE])]),
        CheckoutOddity(
            "submodules, announced and not",
            [
                file(".gitmodules", "[submodule \"s\"]\n\tpath = s\n\turl = https://example.org/s\n"), submodule("s"),
                submodule("d/t"),
            ]),
        CheckoutOddity("tracked files that are ignored", [file(".gitignore", "*.o\n/d\n"), file("a.o"), file("d/b")]),
        CheckoutOddity(
            "a file of 6 MiB",
            [bytes(Array("big".utf8), (0..<(6 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 5) })]),
        CheckoutOddity("zero bytes only", [bytes(Array("z".utf8), Array(repeating: 0, count: 4_096))]),
        CheckoutOddity("one content under many names", (0..<300).map { file("d\($0 % 7)/\($0)", "same\n") }),
        CheckoutOddity(
            "content that looks like objects", [file("a", "tree 3\0abc"), file("b", "blob 0\0"), file("c", "ref: x\n")]),
        CheckoutOddity(
            "a pack with deltas", isPacked: true,
            (0..<60).map { n in file("v/\(n)", (0..<400).map { "line \($0 == n ? -1 : $0)\n" }.joined()) }),
        CheckoutOddity(
            "2,000 small files in folders", (0..<2_000).map { file("d\($0 % 40)/e\($0 % 3)/f\($0)", "\($0)\n") }),
    ]
}
