/// Makes the readable part of a branch or worktree name out of a title.
package enum Slug {
    /// The most bytes in a slug.
    package static let maximumLength = 40

    /// Lower-case ASCII words joined by single dashes, at most 40 bytes, never empty; `task` where nothing is left.
    ///
    /// A valid component of a Git ref: it starts and ends with a letter or digit and holds no dot. Latin letters lose
    /// their accents, other scripts are dropped. A word that does not fit is dropped whole where that leaves at least
    /// half of the length.
    package static func make(_ title: String) -> String {
        var slug: [UInt8] = []
        var isBetweenWords = false
        for scalar in title.unicodeScalars where slug.count <= maximumLength {
            // "don't" is one word.
            if scalar == "'" || scalar == "\u{2019}" || scalar.properties.isGraphemeExtend { continue }
            let letters = LatinLetters.ascii(scalar)
            if letters.isEmpty {
                isBetweenWords = true
            } else {
                if isBetweenWords, !slug.isEmpty { slug.append(UInt8(ascii: "-")) }
                isBetweenWords = false
                slug += letters
            }
        }
        return slug.isEmpty ? "task" : String(decoding: shortened(slug), as: UTF8.self)
    }

    private static func shortened(_ slug: [UInt8]) -> ArraySlice<UInt8> {
        guard slug.count > maximumLength else { return slug[...] }
        let dash = UInt8(ascii: "-")
        let cut = slug[...maximumLength].lastIndex(of: dash) ?? 0
        let kept = slug[..<(cut >= maximumLength / 2 ? cut : maximumLength)]
        return kept.last == dash ? kept.dropLast() : kept
    }
}
