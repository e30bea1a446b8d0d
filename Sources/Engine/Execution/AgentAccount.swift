import Agents
import Crypto
import Foundation
import RunnerCore

/// Which account of a model's service an agent works for, as far as its environment tells.
enum AgentAccount {
    /// `claude:0a1b2c3d4e5f6071`: the agent and a fingerprint of its credential and of where that is used.
    ///
    /// Without a key in the environment the agent has logged in by itself: then the home folder, the agent's own
    /// settings folders and the host tell accounts apart. The fingerprint never tells the credential.
    static func name(
        agent: String, launch: AgentLaunch, environment: [String: String], host: String = HostIdentity.hostname
    ) -> String {
        let own = environment.filter { launch.inherits($0.key) || launch.environment[$0.key] != nil }
        let keys = own.filter { has($0.key, ending: ["KEY", "TOKEN", "SECRET", "CREDENTIALS"]) && !$0.value.isEmpty }
        var facts = keys.merging(own.filter { has($0.key, ending: ["_URL", "_BASE", "ENDPOINT", "ORGANIZATION"]) }) {
            $1
        }
        if keys.isEmpty {
            facts.merge(own.filter { has($0.key, ending: ["_DIR", "_HOME", "PROFILE"]) }) { $1 }
            facts["HOME"] = environment["HOME"]
            facts["host"] = host
        }
        var hash = SHA256()
        for (name, value) in facts.sorted(by: { $0.key < $1.key }) {
            hash.update(data: Data("\(name)=\(value)\0".utf8))
        }
        let fingerprint = hash.finalize().prefix(8).hexadecimal
        return "\(agent):\(fingerprint)"
    }

    private static func has(_ name: String, ending: [String]) -> Bool {
        let name = name.uppercased()
        return ending.contains { name.hasSuffix($0) }
    }
}
