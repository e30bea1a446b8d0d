import CPlatform
import Glibc

/// Gives files that root wrote into somebody's repository to its owner; does nothing for anyone but root.
///
/// Without it, a person whose repository a root process published to could no longer update the reference's log.
struct Ownership {
    private let user: uid_t
    private let group: gid_t
    private let applies: Bool

    init(of path: String) {
        var info = stat()
        let found = stat(path, &info) == 0
        user = info.st_uid
        group = info.st_gid
        applies = found && geteuid() == 0 && info.st_uid != 0
    }

    func adopt(path: String) {
        guard applies else { return }
        _ = lchown(path, user, group)
    }

    /// The reference's file, its log, and the folders made for them.
    func adopt(_ reference: String, in repository: String) {
        guard applies else { return }
        for root in [repository, repository + "/logs"] {
            var path = root
            // Git makes no folder for logs in a bare repository.
            if root != repository { adopt(path: root) }
            for part in reference.split(separator: "/") {
                path += "/\(part)"
                adopt(path: path)
            }
        }
    }
}
