import Foundation
import Glibc

/// Reads the small JSON files of an attempt directory.
enum AttemptFile {
    /// Nil when there is no such file; the shim publishes files whole, so a file that is there is complete.
    static func decode<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value? {
        guard access(path, F_OK) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw ShimError("read \"\(path)\"") }
            return nil
        }
        let contents = try Data(contentsOf: URL(fileURLWithPath: path))
        return try JSONDecoder().decode(type, from: contents)
    }
}
