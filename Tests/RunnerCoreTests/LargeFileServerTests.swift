import Testing

@testable import RunnerCore

@Suite("the Git LFS server")
struct LargeFileServerTests {
    @Test("the server of an origin is where git-lfs looks for it")
    func origins() {
        let cases = [
            ("https://git.example.com/a/b", "https://git.example.com/a/b.git/info/lfs"),
            ("https://git.example.com/a/b.git", "https://git.example.com/a/b.git/info/lfs"),
            ("https://git.example.com/a/b/", "https://git.example.com/a/b.git/info/lfs"),
            ("ssh://git@git.example.com/a/b.git", "ssh://git@git.example.com/a/b.git"),
            ("git@git.example.com:a/b.git", "git@git.example.com:a/b.git"),
        ]
        for (origin, server) in cases { #expect(LargeFileServer.url(ofOrigin: origin) == server) }
    }

    @Test("a .lfsconfig names it by lfs.url or by the remote, the last value counts")
    func configurations() {
        let read = LargeFileServer.url(inConfiguration:)
        #expect(read("") == nil)
        #expect(read("lfs.fetchexclude\n*\0") == nil)
        #expect(read("lfs.url\na\0lfs.url\nb\0") == "b")
        #expect(read("remote.origin.lfsurl\nc\0") == "c")
        #expect(read("lfs.url\nb\0remote.origin.lfsurl\nc\0") == "b")
        #expect(read("lfs.url\n\0") == "")
        #expect(read("lfs.url\0") == nil)
    }

    @Test("what the policy judges is the repository before the service's own path")
    func parts() {
        let cases = [
            ("https://github.com/a/b.git/info/lfs", "https://github.com/a/b.git", "/info/lfs"),
            ("https://lfs.example.com/a/b/info/lfs/", "https://lfs.example.com/a/b", "/info/lfs"),
            ("https://lfs.example.com/a/b", "https://lfs.example.com/a/b", ""),
            ("ssh://git@example.com/a/b", "ssh://git@example.com/a/b", ""),
        ]
        for (url, repository, service) in cases {
            #expect(LargeFileServer.parts(of: url) == (repository, service))
        }
    }
}
