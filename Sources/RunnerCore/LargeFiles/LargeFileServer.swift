/// Where the Git LFS server of a repository is, by git-lfs's own rules (its docs/api/server-discovery.md).
package enum LargeFileServer {
    private static let service = "/info/lfs"

    /// The URL that belongs to an origin's own, where nobody names another.
    package static func url(ofOrigin origin: String) -> String {
        guard origin.hasPrefix("https:") || origin.hasPrefix("http:") else { return origin }
        let base = origin.hasSuffix("/") ? String(origin.dropLast()) : origin
        return base + (base.hasSuffix(".git") ? service : ".git" + service)
    }

    /// The URL that a `.lfsconfig` names, from what `git config --list -z` makes of it; nil when it names none.
    ///
    /// Nothing is judged. As in git the last of two values counts; `lfs.url` comes before that of the remote.
    package static func url(inConfiguration listing: String) -> String? {
        var values: [Substring: String] = [:]
        for item in listing.split(separator: "\0") {
            let parts = item.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[parts[0]] = String(parts[1]) }
        }
        return values["lfs.url"] ?? values["remote.origin.lfsurl"]
    }

    /// `url` in two parts: what names a repository, as the URL policy judges it, and what LFS servers have behind that.
    package static func parts(of url: String) -> (repository: String, service: String) {
        let plain = url.hasSuffix("/") ? String(url.dropLast()) : url
        guard plain.hasSuffix(service) else { return (plain, "") }
        return (String(plain.dropLast(service.count)), service)
    }
}
