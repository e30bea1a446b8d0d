import Engine
import Foundation
import RunnerCore

/// The file of tasks that a person named, `-` for standard input.
struct BatchTasksFile {
    let argument: String
    let format: BatchFormat?

    var name: String { argument == "-" ? "standard input" : argument }

    func items() throws -> [BatchItem] {
        try BatchFile.items(of: try bytes(), named: name, format: format)
    }

    private func bytes() throws -> [UInt8] {
        let handle = argument == "-" ? FileHandle.standardInput : try opened()
        let data: Data
        do {
            data = try handle.read(upToCount: BatchFile.sizeLimit + 1) ?? Data()
        } catch {
            throw EngineError(.wrongState, "the tasks in \"\(name)\" cannot be read", hint: "check the file")
        }
        guard data.count <= BatchFile.sizeLimit else {
            throw EngineError(.wrongState, "the tasks in \"\(name)\" are more than 256 MiB", hint: "make more batches")
        }
        return Array(data)
    }

    private func opened() throws -> FileHandle {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder), !isFolder.boolValue else {
            throw EngineError(
                .wrongState, isFolder.boolValue ? "\"\(argument)\" is a folder" : "there is no file \"\(argument)\"",
                hint: "give --tasks a file, or - for standard input")
        }
        guard let handle = FileHandle(forReadingAtPath: argument) else {
            throw EngineError(.wrongState, "the file \"\(argument)\" cannot be read", hint: "check its permissions")
        }
        return handle
    }
}
