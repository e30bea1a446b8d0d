import Engine
import Foundation
import Glibc

extension Failure {
    /// What the machine refused: a file, a program, space. Nil for every other error.
    static func system(_ error: any Error) -> Failure? {
        switch error {
        case let error as ShimError:
            // Without a number the operation is a sentence of its own.
            return Failure(
                .environment, error.code == 0 ? error.description : "could not \(error.description)",
                hint: hint(for: error.code))
        case let error as DiskError:
            return Failure(.environment, error.description, hint: hint(for: error.errno))
        case let error as CocoaError:
            let number = (error.underlying as? POSIXError)?.code.rawValue
            return file(error.filePath ?? error.url?.path, number: number, code: error.code)
        case let error as POSIXError:
            return file(nil, number: error.code.rawValue, code: nil)
        default: break
        }
        if String(reflecting: type(of: error)) == "Subprocess.SubprocessError" {
            return Failure(.environment, "a program could not be run: \(firstLine(of: "\(error)"))")
        }
        // Foundation throws some errors as objects.
        guard type(of: error) is AnyClass else { return nil }
        let error = error as NSError
        let number = error.domain == NSPOSIXErrorDomain ? Int32(truncatingIfNeeded: error.code) : nil
        return file(
            error.userInfo[NSFilePathErrorKey] as? String, number: number,
            code: error.domain == NSCocoaErrorDomain ? CocoaError.Code(rawValue: error.code) : nil)
    }

    private static func file(_ path: String?, number: Int32?, code: CocoaError.Code?) -> Failure {
        let reason = number.map { String(cString: strerror($0)) } ?? code.map(words(for:)) ?? "unknown reason"
        return Failure(
            .environment, "could not read or write \(path ?? "a file"): \(reason)",
            hint: number.map(hint(for:)) ?? (code == .fileWriteOutOfSpace ? fullDiskHint : nil))
    }

    private static func words(for code: CocoaError.Code) -> String {
        switch code {
        case .fileNoSuchFile, .fileReadNoSuchFile: "no such file or folder"
        case .fileReadNoPermission, .fileWriteNoPermission: "permission denied"
        case .fileWriteFileExists: "it exists already"
        case .fileWriteOutOfSpace: "no space left on device"
        case .fileWriteVolumeReadOnly: "the file system is read-only"
        default: "error \(code.rawValue)"
        }
    }

    private static func hint(for number: Int32) -> String? {
        number == ENOSPC || number == EDQUOT ? fullDiskHint : EngineError.openFilesHint(for: number)
    }

    private static func firstLine(of text: String) -> String {
        text.split(whereSeparator: \.isNewline).first.map { String($0) } ?? "unknown reason"
    }
}
