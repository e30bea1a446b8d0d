/// A syntactically valid host: a name, or an address in its one canonical spelling.
enum URLHost: Hashable, Sendable, CustomStringConvertible {
    /// Lower case.
    case name(String)
    case address(IPAddress)

    /// Reads a host outside brackets.
    init(_ text: Substring) throws(URLRefusal) {
        guard !text.isEmpty else { throw .emptyHost }
        if text.hasPrefix("-") { throw .optionInjection }
        let name = text.lowercased()
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.allSatisfy(Self.isLabel) else { throw .badHost }
        if let address = IPAddress(name), case .v4 = address {
            self = .address(address)
        } else if let last = labels.last, Self.readsAsNumber(last) {
            throw .ambiguousAddress
        } else {
            self = .name(name)
        }
    }

    /// Reads what stands between square brackets: an IPv6 address without a zone.
    init(bracketed text: Substring) throws(URLRefusal) {
        guard let address = IPAddress(text), case .v6 = address else { throw .badHost }
        self = .address(address)
    }

    var description: String {
        switch self {
        case .name(let name): name
        case .address(let address):
            if case .v6 = address { "[\(address)]" } else { address.description }
        }
    }

    /// The refusal that the place itself earns, before any allowance.
    var refusal: URLRefusal? {
        switch self {
        case .name(let name): PrivateNames.refusal(for: name)
        case .address(let address): address.addressClass.refusal
        }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        guard !label.isEmpty, label.utf8.count <= 63, !label.hasPrefix("-"), !label.hasSuffix("-") else { return false }
        return label.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }

    /// True where `inet_aton` and browsers would take a name that ends in `label` for a number: `1`, `0x7f`, `0177`.
    private static func readsAsNumber(_ label: Substring) -> Bool {
        let isHexadecimal = label.hasPrefix("0x") && label.dropFirst(2).allSatisfy(\.isHexDigit)
        return isHexadecimal || label.allSatisfy(\.isNumber)
    }
}

extension URLHost {
    /// What a path segment that is a dash alone counts as: on a GitLab it marks a page of a project.
    var lonelyDash: URLRefusal {
        guard case .name(let name) = self else { return .optionInjection }
        return name.split(separator: ".").contains("gitlab") ? .forgeShape : .optionInjection
    }
}
