import Glibc
import Subprocess
import SystemPackage

/// The folder with PostgreSQL's server programs.
struct ClusterBinaries: Sendable {
    let folder: String
    let major: Int

    /// The oldest release that the server settings fit.
    static let oldestMajor = 13

    var initdb: String { folder + "/initdb" }
    var postgres: String { folder + "/postgres" }

    /// Finds the newest installed release, or exactly `wanted` for data that exists.
    static func find(major wanted: Int?, environment: [String: String]) async throws(ClusterError) -> ClusterBinaries {
        var found: [ClusterBinaries] = []
        for folder in candidates(environment) where isComplete(folder) {
            guard let major = await version(folder), major >= oldestMajor else { continue }
            let binaries = ClusterBinaries(folder: folder, major: major)
            if wanted == nil || wanted == major { return binaries }
            found.append(binaries)
        }
        guard let wanted, let other = found.first else { throw missing(environment) }
        throw ClusterError(
            code: .wrongVersion, operation: "find PostgreSQL",
            message: "the data was made by PostgreSQL \(wanted), but only version \(other.major) is installed",
            hint: "install postgresql-\(wanted), or move the folder away to begin anew")
    }

    private static func missing(_ environment: [String: String]) -> ClusterError {
        let place = environment["RUNNER_POSTGRES_BIN"].map { "in RUNNER_POSTGRES_BIN (\"\($0)\")" } ?? "on this machine"
        return ClusterError(
            code: .missingBinaries, operation: "find PostgreSQL",
            message: "no server programs (initdb, postgres) of version \(oldestMajor) or newer \(place)",
            hint: "run: apt-get install postgresql, or set RUNNER_DATABASE_URL to a server")
    }

    /// An explicit folder is the only candidate; else Debian's layout, newest first, then other known places.
    private static func candidates(_ environment: [String: String]) -> [String] {
        if let explicit = environment["RUNNER_POSTGRES_BIN"], !explicit.isEmpty { return [explicit] }
        let debian = releases(in: "/usr/lib/postgresql").map { "/usr/lib/postgresql/\($0)/bin" }
        let redHat = releases(in: "/usr").map { "/usr/pgsql-\($0)/bin" }
        let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return debian + redHat + ["/usr/local/pgsql/bin"] + path
    }

    private static func releases(in folder: String) -> [Int] {
        let prefix = folder == "/usr" ? "pgsql-" : ""
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var majors: [Int] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(prefix), let major = Int(name.dropFirst(prefix.count)) else { continue }
            majors.append(major)
        }
        return majors.sorted(by: >)
    }

    private static func isComplete(_ folder: String) -> Bool {
        access(folder + "/initdb", X_OK) == 0 && access(folder + "/postgres", X_OK) == 0
    }

    /// Debian names the folder after the release, which saves a process.
    private static func version(_ folder: String) async -> Int? {
        let parts = folder.split(separator: "/")
        if parts.count > 1, parts.last == "bin", let major = Int(parts[parts.count - 2]) { return major }
        let result = try? await run(
            .path(FilePath(folder + "/postgres")), arguments: ["--version"], output: .string(limit: 4096),
            error: .discarded)
        // "postgres (PostgreSQL) 15.20 (Debian …)"
        let words = result?.standardOutput.split(separator: " ") ?? []
        return words.count > 2 ? Int(words[2].prefix { $0.isNumber }) : nil
    }
}
