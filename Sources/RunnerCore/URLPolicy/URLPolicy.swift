/// Decides whether a repository URL may be used, and gives it its one spelling; pure, without any look-up.
///
/// A name can resolve to any address: whoever connects classifies every resolved address again with
/// `refusal(for:)`.
package struct URLPolicy: Sendable, Hashable {
    /// What an operator has switched on; nothing else can be.
    package struct Allowances: OptionSet, Sendable, Hashable {
        package let rawValue: Int

        package init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// `http://` and `git://`.
        package static let insecureSchemes = Allowances(rawValue: 1 << 0)
        /// Names and addresses of private networks and of this machine.
        package static let privateHosts = Allowances(rawValue: 1 << 1)
        /// Absolute paths and `file://`.
        package static let local = Allowances(rawValue: 1 << 2)
    }

    package let allowances: Allowances

    package init(allowing allowances: Allowances = []) {
        self.allowances = allowances
    }

    /// Judges `input`; the first rule that it breaks names the reason.
    ///
    /// An accepted `normalized` is accepted again, as itself, by an equal policy.
    package func check(_ input: String) -> URLVerdict {
        do throws(URLRefusal) {
            let url = try URLParser.parse(input)
            try checkForge(url)
            let refusal = refusal(of: url)
            if let refusal, !refusal.isPolicy { throw refusal }
            return URLVerdict(
                verdict: refusal == nil ? .accept : .reject, normalized: url.normalized, host: url.hostAndPort,
                owner: url.owner, name: url.path.name, reason: refusal)
        } catch {
            return URLVerdict(verdict: .reject, reason: error)
        }
    }

    /// Why a connection to `address` is refused, nil where it is allowed.
    ///
    /// For every address that a host name resolves to, before connecting.
    package func refusal(for address: IPAddress) -> URLRefusal? {
        address.addressClass.refusal.flatMap { isAllowed($0) ? nil : $0 }
    }

    /// The first refusal of where `url` leads that is not switched on; metadata goes before everything.
    private func refusal(of url: ParsedURL) -> URLRefusal? {
        let place = url.host?.refusal
        if place == .metadataAddress { return place }
        let refusals = [url.isLocal ? URLRefusal.localDisabled : nil, url.isInsecure ? .insecureScheme : nil, place]
        return refusals.compactMap(\.self).first { !isAllowed($0) }
    }

    private func isAllowed(_ refusal: URLRefusal) -> Bool {
        switch refusal {
        case .localDisabled: allowances.contains(.local)
        case .insecureScheme: allowances.contains(.insecureSchemes)
        case .privateHost, .privateAddress: allowances.contains(.privateHosts)
        default: false
        }
    }

    private func checkForge(_ url: ParsedURL) throws(URLRefusal) {
        guard let host = url.host?.description else { return }
        let forge = Forge(host: host) ?? url.hostAndPort.flatMap(Forge.init)
        if let forge, !forge.fits(url.path) { throw .forgeShape }
    }
}
