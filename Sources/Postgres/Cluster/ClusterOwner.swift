import Glibc
import Subprocess

/// Decides as which user the server runs: PostgreSQL refuses to run as root.
enum ClusterOwner {
    /// Made on first use by root; a system account that owns nothing but databases of the runner.
    static let dedicatedName = "runner-postgres"

    /// The owner of existing data, else this user, else for root the dedicated user, made if need be.
    static func resolve(data: String) async throws(ClusterError) -> OSUser {
        if let owner = FolderStatus(data) { return try checkExisting(owner, data: data) }
        guard geteuid() == 0 else { return try current() }
        if let user = OSUser.named(dedicatedName) { return user }
        await makeDedicatedUser()
        if let user = OSUser.named(dedicatedName) ?? OSUser.named("postgres") { return user }
        throw ClusterError(
            code: .unsupportedUser, operation: "choose a user for the database",
            message: "PostgreSQL does not run as root, and the user \"\(dedicatedName)\" could not be made",
            hint: "make it with: useradd --system \(dedicatedName)")
    }

    private static func current() throws(ClusterError) -> OSUser {
        if let user = OSUser.withID(geteuid()) { return user }
        throw ClusterError(
            code: .unsupportedUser, operation: "choose a user for the database",
            message: "the user id \(geteuid()) has no entry in /etc/passwd, and PostgreSQL needs one",
            hint: "add the entry, or set RUNNER_DATABASE_URL to a server")
    }

    private static func checkExisting(_ folder: FolderStatus, data: String) throws(ClusterError) -> OSUser {
        let me = geteuid()
        guard me == 0 || me == folder.owner else {
            let name = OSUser.withID(folder.owner)?.name ?? "number \(folder.owner)"
            throw ClusterError(
                code: .wrongOwner, operation: "open the database", message: "\"\(data)\" belongs to the user \(name)",
                hint: "run as that user, or set RUNNER_HOME to a folder of your own")
        }
        if me != 0 { return try current() }
        guard folder.owner != 0, let user = OSUser.withID(folder.owner) else {
            throw ClusterError(
                code: .wrongOwner, operation: "open the database",
                message: "\"\(data)\" belongs to a user as which PostgreSQL cannot run (number \(folder.owner))",
                hint: "give it to the user \(dedicatedName) with chown -R")
        }
        return user
    }

    /// Failure shows in the look-up that follows; another process may be making the same user.
    private static func makeDedicatedUser() async {
        for _ in 0..<20 {
            let result = try? await run(
                .name("useradd"),
                arguments: [
                    "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell",
                    "/usr/sbin/nologin", dedicatedName,
                ],
                output: .discarded, error: .discarded)
            // Status 1 is "cannot update the password file", 10 the group file: a lock that another process holds.
            guard let status = result?.terminationStatus, status == .exited(1) || status == .exited(10) else { return }
            guard OSUser.named(dedicatedName) == nil, (try? await Task.sleep(for: .milliseconds(50))) != nil else {
                return
            }
        }
    }
}
