/// How the private server is tuned: small, on a Unix socket only, quiet.
enum ClusterSettings {
    /// Every setting is passed on the command line, so that it also holds for data made by an older release of ours.
    static func arguments(_ layout: ClusterLayout, socketDirectory: String, durability: ClusterDurability) -> [String] {
        var settings = fixed
        settings["hba_file"] = layout.hostRules
        settings["ident_file"] = layout.identities
        // The setting is a list: quotes keep a comma or a space in the path together.
        settings["unix_socket_directories"] = "\"\(socketDirectory.replacing("\"", with: "\"\""))\""
        if durability == .throwaway {
            settings.merge(["fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"]) { $1 }
        }
        return ["-D", layout.data] + settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
    }

    private static let fixed = [
        "listen_addresses": "", "port": "5432", "unix_socket_permissions": "0700", "cluster_name": "runner",
        // 20 shells with three connections each, and room to look inside.
        "max_connections": "100", "shared_buffers": "16MB", "huge_pages": "off", "jit": "off",
        "autovacuum_max_workers": "1", "max_worker_processes": "2", "max_parallel_workers_per_gather": "0",
        "max_logical_replication_workers": "0",
        "wal_level": "minimal", "max_wal_senders": "0", "min_wal_size": "8MB", "max_wal_size": "64MB",
        // systemd removes a user's POSIX shared memory at logout, and containers give little of it.
        "dynamic_shared_memory_type": "mmap",
        "logging_collector": "off", "log_destination": "stderr", "log_min_messages": "log",
        "log_checkpoints": "off", "log_timezone": "UTC",
    ]

    /// Whoever may connect is decided by the operating system: root and the owner of the data.
    static let hostRules = "local all all peer map=runner\n"

    static func identities(owner: OSUser) -> String {
        Set(["root", owner.name]).sorted().map { "runner \"\($0)\" runner\n" }.joined()
    }

    /// The server and its tools see none of the caller's `PG…` variables.
    static let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent"]
}
