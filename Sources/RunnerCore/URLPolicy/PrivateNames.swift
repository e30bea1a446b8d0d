/// Host names that lead into a private network or to a cloud's metadata service.
enum PrivateNames {
    /// Documented names of metadata services; a name below one of them counts as well.
    private static let metadata = [
        "metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal",
        "metadata.azure.internal", "metadata.tencentyun.com", "metadata.packet.net", "metadata.platformequinix.com",
        "rancher-metadata",
    ]

    /// Endings that the public DNS does not delegate (RFC 6761, 6762, 8375, ICANN's `.internal`) or that local
    /// resolvers answer.
    private static let endings = [
        "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "test", "svc",
        "home.arpa",
    ]

    /// `name` is lower case and valid.
    static func refusal(for name: String) -> URLRefusal? {
        if metadata.contains(where: { isOrIsBelow(name, $0) }) { return .metadataAddress }
        if !name.contains(".") || endings.contains(where: { isOrIsBelow(name, $0) }) { return .privateHost }
        return nil
    }

    private static func isOrIsBelow(_ name: String, _ parent: String) -> Bool {
        name == parent || name.hasSuffix("." + parent)
    }
}
