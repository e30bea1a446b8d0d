import Agents
import Foundation
import Glibc
package import RunnerCore

/// What a person does to the files; each change is checked whole before it is put in place, and put there at once.
extension AgentFiles {
    /// Makes an agent of one's own from the text of its file; returns the file's path.
    ///
    /// Throws for a name of the runner's own, for a mistake in the text, and, unless it `replaces`, for a name that has a
    /// file.
    package func add(_ name: String, text: String, replaces: Bool) throws -> String {
        guard AdapterRegistry.adapter(named: name) == nil else {
            throw EngineError(
                .wrongState, "the agent \"\(name)\" is one of the runner's own",
                hint: "choose another name, or change its defaults: runner agent set \(name) key=value")
        }
        guard FileAgent.isName(name) else {
            throw EngineError(
                .invalidArgument, "\"\(name)\" cannot be the name of an agent",
                hint: "begin with a lower-case letter; up to 39 letters, digits, - and _ may follow")
        }
        return try locked { folder in
            try put(name, text: text, replaces: replaces, in: folder)
        }
    }

    /// Changes keys of an agent's file, or of the defaults of an agent of the runner's own; nil takes a key out.
    ///
    /// A file in which nothing is left is removed. Returns the file's path.
    package func set(_ name: String, _ changes: [(key: String, value: JSONValue?)]) throws -> String {
        try locked { folder in
            let isOwn = AdapterRegistry.adapter(named: name) != nil
            let known = try read(name)
            guard isOwn || known != nil else { throw AgentCatalog.unknown(name) }
            let path = "\(folder)/\(name).yaml"
            guard let old = String(validating: known?.bytes ?? [], as: UTF8.self) else {
                throw EngineError(.wrongState, "\(path) is not UTF-8", hint: "correct it with an editor")
            }
            var text = AgentFileText(old, file: path)
            for (key, value) in changes {
                let isDefault = isOwn && !AgentDefaults.keys.contains(String(key.prefix { $0 != "." }))
                try text.set(isDefault ? "defaults.\(key)" : key, to: value)
            }
            if isOwn, text.isEmpty {
                guard unlink(path) == 0 || errno == ENOENT else { throw Self.failure(path) }
                return path
            }
            return try put(name, text: text.text, replaces: true, in: folder)
        }
    }

    /// Takes an agent of one's own away; returns where its file is now.
    package func remove(_ name: String) throws -> String {
        guard AdapterRegistry.adapter(named: name) == nil else {
            throw EngineError(
                .wrongState, "the agent \"\(name)\" is one of the runner's own and cannot be removed",
                hint: "its defaults can be taken out: runner agent set \(name) key=")
        }
        return try locked { folder in
            guard names.contains(name) else { throw AgentCatalog.unknown(name) }
            let removed = folder + "/removed"
            guard mkdir(removed, 0o700) == 0 || errno == EEXIST else { throw Self.failure(removed) }
            let path = "\(folder)/\(name).yaml"
            // A name that nothing has: link does not overwrite, rename does.
            for number in 1...10_000 {
                let place = "\(removed)/\(name)\(number == 1 ? "" : "-\(number)").yaml"
                if link(path, place) == 0 {
                    guard unlink(path) == 0 else { throw Self.failure(path) }
                    return place
                }
                guard errno == EEXIST else { throw Self.failure(path) }
            }
            throw EngineError(.wrongState, "\(removed) has 10000 files of \"\(name)\"", hint: "delete some")
        }
    }

    private func put(_ name: String, text: String, replaces: Bool, in folder: String) throws -> String {
        let path = "\(folder)/\(name).yaml"
        let bytes = Array(text.utf8)
        if let adapter = AdapterRegistry.adapter(named: name) {
            _ = try AgentDefaults(yaml: bytes, for: adapter, file: path)
        } else {
            let agent = FileAgentAdapter(try FileAgent(yaml: bytes, name: name, file: path))
            try agent.validate(agent.defaults)
        }
        // A file of people's own may be a link to where they keep such things.
        let target = realpath(path, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        let place = replaces ? target ?? path : path
        let new = "\(place).new"
        try StepFiles(folder: folder).write(bytes, to: new)
        defer { unlink(new) }
        let isDone = replaces ? rename(new, place) == 0 : link(new, place) == 0
        guard isDone else {
            guard errno == EEXIST else { throw Self.failure(path) }
            throw EngineError(
                .wrongState, "there is an agent \"\(name)\" already: \(path)",
                hint: "change it with runner agent set, or write it anew with --force")
        }
        return path
    }

    /// Makes the folder, and keeps other commands out of it meanwhile.
    private func locked<T>(_ body: (_ folder: String) throws -> T) throws -> T {
        guard let folder else {
            throw EngineError(.homeUnusable, "neither XDG_CONFIG_HOME nor HOME is set", hint: "set HOME")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw EngineError(.homeUnusable, "the folder \"\(folder)\" cannot be made", hint: "look at its permissions")
        }
        let lock = try LockedDescriptor(path: folder + "/.lock")
        defer { lock.release() }
        return try body(folder)
    }

    private static func failure(_ path: String) -> EngineError {
        .system("\"\(path)\" cannot be changed", errno: errno, advice: "look at its permissions")
    }
}
