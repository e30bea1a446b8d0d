import Agents
import CPlatform
import Foundation
import Git
import Glibc
import Postgres

/// Looks at what the runner needs on this machine; changes nothing but what opening the database does.
package struct Doctor: Sendable {
    private let settings: RunnerSettings

    package init(settings: RunnerSettings) {
        self.settings = settings
    }

    /// Every check, in the order they are shown; never throws.
    package func run() async -> [DoctorCheck] {
        var checks = [await git(), libgit2(), shim()] + prices()
        checks += folder()
        checks += await database()
        checks += await agents()
        return checks
    }

    /// The agents that workflows can name.
    package func agents() async -> [DoctorCheck] {
        var checks: [DoctorCheck] = []
        for name in AgentCatalog.names { checks.append(await agent(name)) }
        return checks
    }

    private func agent(_ name: String) async -> DoctorCheck {
        let adapter: any AgentAdapter
        do {
            adapter = try AgentCatalog.adapter(name)
        } catch {
            return DoctorCheck(name: name, verdict: .failed, detail: "\(error)", advice: "correct the file")
        }
        guard let probe = adapter.versionProbe else {
            if let program = adapter.program, ProgramPath.find(program, on: settings.environment["PATH"]) == nil {
                return DoctorCheck(
                    name: name, verdict: .missing, detail: "there is no \"\(program)\" on PATH",
                    advice: AgentCatalog.requirement(of: name)?.advice)
            }
            let detail = adapter.evidence == .described ? "described by a file" : "any command line"
            return DoctorCheck(name: name, verdict: .passed, detail: detail)
        }
        let version: String
        switch await VersionProbe(environment: settings.environment).ask(probe) {
        case .notFound:
            return DoctorCheck(
                name: name, verdict: .missing, detail: "not on PATH",
                advice: AgentCatalog.requirement(of: name)?.advice)
        case .failed(let reason, let path):
            return DoctorCheck(
                name: name, verdict: .failed, detail: "\(reason) (\(path))", advice: "see runner agent doctor \(name)")
        case .version(let line, _): version = line
        }
        let remark = adapter.evidence == .documented ? " (driven by its documentation, not tested with it)" : ""
        return DoctorCheck(name: name, verdict: .passed, detail: version + remark)
    }

    private func git() async -> DoctorCheck {
        guard let version = await version(["git", "--version"]) else {
            return DoctorCheck(
                name: "git", verdict: .failed, detail: "not on PATH", advice: "install it: apt-get install git")
        }
        return DoctorCheck(name: "git", verdict: .passed, detail: version)
    }

    private func libgit2() -> DoctorCheck {
        DoctorCheck(name: "libgit2", verdict: .passed, detail: GitLibrary.version)
    }

    private func shim() -> DoctorCheck {
        let path = settings.environment["RUNNER_SHIM"] ?? ProgramPath.ownFolder().map { $0 + "/runner-shim" } ?? ""
        guard ProgramPath.find(path, on: nil) != nil else {
            return DoctorCheck(
                name: "runner-shim", verdict: .failed, detail: "not at \(path)",
                advice: "install it beside runner: make install")
        }
        return DoctorCheck(name: "runner-shim", verdict: .passed, detail: path)
    }

    /// Only a table of the person's own can be wrong.
    private func prices() -> [DoctorCheck] {
        do {
            _ = try PriceList.load(environment: settings.environment)
            return []
        } catch {
            return [
                DoctorCheck(
                    name: "prices", verdict: .failed, detail: "\(error)", advice: "correct the file, or remove it")
            ]
        }
    }

    private func folder() -> [DoctorCheck] {
        let home: RunnerHome
        do {
            home = try settings.home.prepare()
        } catch {
            return [DoctorCheck(name: "data folder", verdict: .failed, detail: "\(error)", advice: nil)]
        }
        var info = stat()
        var checks: [DoctorCheck] = []
        if stat(home.root, &info) == 0, info.st_mode & 0o066 != 0 {
            checks.append(
                DoctorCheck(
                    name: "data folder", verdict: .failed, detail: "\(home.root) is open to other users",
                    advice: "close it: chmod \(geteuid() == 0 ? "711" : "700") \(home.root)"))
        } else {
            checks.append(DoctorCheck(name: "data folder", verdict: .passed, detail: home.root))
        }
        var space = statvfs()
        if statvfs(home.root, &space) == 0 {
            let free = Int(space.f_bavail) * Int(space.f_frsize)
            let inodes = Int(space.f_favail)
            let isLow = free < 1 << 30 || (space.f_files > 0 && inodes < 50_000)
            checks.append(
                DoctorCheck(
                    name: "disk space", verdict: isLow ? .failed : .passed,
                    detail: "\(free / 1_048_576) MiB and \(inodes) files free",
                    advice: isLow ? "free some space, for example with runner clean" : nil))
        }
        return checks
    }

    /// The database, and whether the disk is as it says.
    private func database() async -> [DoctorCheck] {
        do {
            let workspace = try await Workspace.open(settings)
            var checks = [
                DoctorCheck(
                    name: "database", verdict: .passed, detail: "\(settings.storage.rawValue), schema up to date")
            ]
            do {
                checks += try await Inventory(workspace: workspace).checks()
            } catch {
                checks.append(DoctorCheck(name: "leftovers", verdict: .failed, detail: "\(error)"))
            }
            await workspace.close()
            return checks
        } catch let error as ClusterError {
            return [
                DoctorCheck(
                    name: "database", verdict: .failed, detail: "\(error.operation): \(error.message)",
                    advice: error.hint.isEmpty ? nil : error.hint)
            ]
        } catch {
            return [DoctorCheck(name: "database", verdict: .failed, detail: "\(error)")]
        }
    }

    /// The first line that a program prints of its version; nil when it is missing, fails or hangs.
    package func version(_ command: [String]) async -> String? {
        guard case .version(let line, _) = await VersionProbe(environment: settings.environment).ask(command) else {
            return nil
        }
        return line
    }
}
