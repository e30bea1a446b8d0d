import Glibc

/// A user of this machine with an entry in the user database, which PostgreSQL insists on.
struct OSUser: Sendable, Equatable {
    let name: String
    let uid: uid_t
    let gid: gid_t

    static func named(_ name: String) -> OSUser? {
        find { getpwnam_r(name, $0, $1, $2, $3) }
    }

    static func withID(_ uid: uid_t) -> OSUser? {
        find { getpwuid_r(uid, $0, $1, $2, $3) }
    }

    private static func find(
        _ look: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> OSUser? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard look(&entry, base, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
                return nil
            }
            return OSUser(name: String(cString: name), uid: entry.pw_uid, gid: entry.pw_gid)
        }
    }
}
