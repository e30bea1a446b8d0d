import CPlatform
import Glibc

/// Extended attributes of files, access control lists among them, which a snapshot names and does not hold.
enum ExtendedAttributes {
    /// The sentence for what is open; nil when it has none.
    static func notice(of descriptor: Int32) -> String? {
        let size = runner_list_attributes(descriptor, nil, 0)
        // Most files have none, and many file systems cannot have any.
        guard size > 0 else { return nil }
        var names = [CChar](repeating: 0, count: size)
        let count = runner_list_attributes(descriptor, &names, names.count)
        guard count > 0 else { return nil }
        // A label of SELinux is given anew by the policy of the machine.
        let listed = names.prefix(count).split(separator: 0)
            .map { String(decoding: $0.map { UInt8(bitPattern: $0) }, as: UTF8.self) }
            .filter { $0 != "security.selinux" }
        return listed.isEmpty ? nil : "without its extended attributes: \(listed.joined(separator: ", "))"
    }
}
