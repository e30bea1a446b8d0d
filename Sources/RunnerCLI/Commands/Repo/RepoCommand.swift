import ArgumentParser

struct RepoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repo", abstract: "Register, check and configure repositories.",
        subcommands: [
            RepoAdd.self, RepoCheck.self, RepoList.self, RepoShow.self, RepoVerify.self, RepoUpdate.self,
            RepoScripts.self, RepoAllow.self, RepoRemove.self,
        ])
}
