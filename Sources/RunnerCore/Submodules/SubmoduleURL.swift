/// Where a submodule's URL leads, by git's rule for those that begin with `./` or `../`.
package enum SubmoduleURL {
    /// The URL itself, or what it means at a superproject whose own is `base` (git's `relative_url`).
    ///
    /// Nothing is judged: a hostile one leads to what the URL policy refuses. Nil when it climbs above all there is.
    package static func resolve(_ url: String, against base: String) -> String? {
        guard url.hasPrefix("./") || url.hasPrefix("../") else { return url }
        var (rest, place) = (url[...], base[...])
        if place.hasSuffix("/") { place = place.dropLast() }
        var separator = "/"
        while true {
            if rest.hasPrefix("../") {
                rest = rest.dropFirst(3)
                // scp-like bases end their host with a colon, which takes the slash's place.
                if let slash = place.lastIndex(of: "/") {
                    place = place[..<slash]
                } else if let colon = place.lastIndex(of: ":") {
                    place = place[..<colon]
                    separator = ":"
                } else {
                    return nil
                }
            } else if rest.hasPrefix("./") {
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        let joined = place + separator + rest
        return String(joined.hasSuffix("/") ? joined.dropLast() : joined)
    }
}
