import CLibgit2
import CPlatform
import Glibc

/// Makes a repository handle write packs without searching for deltas.
///
/// The search made saving ten times slower (10,000 files of 4 KiB: 6 s), and maintenance of the hub does it later.
/// libgit2 knows no switch for it, but leaves alone what is above its threshold for big files; version 1.5 reads that
/// under the name of the delta cache's size (pack-objects.c), other versions under its own.
enum PackSettings {
    static func apply(to repository: OpaquePointer) throws(GitError) {
        let path = "/proc/self/fd/\(try descriptor.get())"
        let configuration = try gitPointer("read the configuration") { git_repository_config(&$0, repository) }
        defer { git_config_free(configuration) }
        try git("set how packs are written") {
            git_config_add_file_ondisk(configuration, path, GIT_CONFIG_LEVEL_APP, repository, 1)
        }
    }

    private static let descriptor = Result<Int32, GitError> { () throws(GitError) in
        let descriptor = runner_memfd_create("runner-pack-settings")
        guard descriptor >= 0 else { throw .system("set how packs are written", errno: errno) }
        let bytes = Array("[core]\n\tbigFileThreshold = 1\n[pack]\n\tdeltaCacheSize = 1\n".utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw .system("set how packs are written", errno: errno)
        }
        return descriptor
    }
}
