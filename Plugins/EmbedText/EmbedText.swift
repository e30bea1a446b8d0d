import Foundation
import PackagePlugin

/// Embeds the text files under a target's `migrations` or `templates` folder as `EmbeddedText.files`.
///
/// `.embedInCode` was measured first: 120 kB of SQL as byte literals took 17 s to compile, string literals take
/// none that shows.
@main
struct EmbedText: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        guard let module = target as? any SourceModuleTarget else { return [] }
        let folders = ["migrations", "templates"].map { module.directoryURL.appending(path: $0) }
        let inputs = folders.flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            return names.sorted().map { folder.appending(path: $0) }
        }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedText.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(inputs.count) text files into \(target.name)",
                executable: try context.tool(named: "EmbedTool").url,
                arguments: [output.path] + inputs.map(\.path),
                inputFiles: inputs,
                outputFiles: [output])
        ]
    }
}
