import Foundation
import RunnerCore

extension ArtifactRecord.Kind {
    private static let mediaTypes = [
        "json": "application/json", "md": "text/markdown", "txt": "text/plain", "log": "text/plain",
        "html": "text/html", "htm": "text/html", "css": "text/css", "csv": "text/csv", "xml": "application/xml",
        "yaml": "application/yaml", "yml": "application/yaml", "js": "text/javascript", "svg": "image/svg+xml",
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
        "pdf": "application/pdf", "zip": "application/zip", "gz": "application/gzip", "tar": "application/x-tar",
        "mp4": "video/mp4", "webm": "video/webm", "patch": "text/x-diff", "diff": "text/x-diff",
    ]

    /// What the bytes are, by themselves and by the ending of their name; what says that it is JSON has to be.
    static func of(_ name: String, _ bytes: [UInt8]) -> (kind: ArtifactRecord.Kind, mediaType: String) {
        let ending = name.split(separator: ".").dropFirst().last.map { $0.lowercased() } ?? ""
        let known = mediaTypes[ending]
        if ending == "json", (try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))) != nil {
            return (.json, "application/json")
        }
        let isText = !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
        if isText { return (.text, known.flatMap { ending == "json" ? nil : $0 } ?? "text/plain") }
        let isTextual = known?.hasPrefix("text/") ?? false
        return (.file, known.flatMap { isTextual || ending == "json" ? nil : $0 } ?? "application/octet-stream")
    }
}
