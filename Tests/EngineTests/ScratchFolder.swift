import Foundation
import Glibc

/// A temporary folder with its real path; removed at the end.
struct ScratchFolder: Sendable {
    let path: String

    static func with<R>(_ body: (ScratchFolder) async throws -> R) async throws -> R {
        var template = Array("/tmp/runner-engine-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil, let real = realpath(template, nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        defer { free(real) }
        let folder = ScratchFolder(path: String(cString: real))
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        return try await body(folder)
    }

    @discardableResult
    func write(_ name: String, _ text: String = "", mode: mode_t = 0o644) throws -> String {
        let file = "\(path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, mode)
        return file
    }

    @discardableResult
    func makeFolder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        return "\(path)/\(name)"
    }

    func exists(_ name: String) -> Bool {
        access("\(path)/\(name)", F_OK) == 0
    }
}
