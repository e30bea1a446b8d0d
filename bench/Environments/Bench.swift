import Foundation
import Git
import Glibc

/// Prints how long environments take against `git worktree add` on the same hub, interleaved in one run.
@main enum Bench {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let folder = arguments.first else {
            say("usage: runner-bench <empty folder> [<files>…]")
            exit(2)
        }
        let sizes = arguments.dropFirst().compactMap { Int($0) }
        for files in sizes.isEmpty ? [300, 5_000, 50_000] : sizes {
            let bed = try TestBed(folder: "\(folder)/\(files)", files: files)
            say("\n\(files) files, \(bed.bytes >> 20) MiB")
            try Comparison(bed: bed).run(rounds: files > 20_000 ? 5 : 9)
        }
    }

    static func say(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
