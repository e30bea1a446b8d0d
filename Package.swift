// swift-tools-version: 6.1
import PackageDescription

/// One list of build settings for every target; see docs/architecture.md.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let stencil = Target.Dependency.product(name: "Stencil", package: "Stencil")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let textTable = Target.Dependency.product(name: "TextTable", package: "TextTable")
let rainbow = Target.Dependency.product(name: "Rainbow", package: "Rainbow")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")

let package = Package(
    name: "runner",
    products: [
        .executable(name: "runner", targets: ["RunnerCLI"]),
        .executable(name: "runner-shim", targets: ["StepShim"]),
        .executable(name: "runner-bench", targets: ["EnvironmentBench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/stencilproject/Stencil", from: "0.15.1"),
        .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
        .package(url: "https://github.com/onevcat/Rainbow", from: "4.2.2"),
    ],
    targets: [
        .executableTarget(
            name: "RunnerCLI",
            dependencies: [
                "Engine", "Agents", "Store", "Git", "Postgres", "RunnerCore", "CPlatform", argumentParser, textTable,
                rainbow,
            ],
            swiftSettings: settings),
        .target(
            name: "Engine",
            dependencies: [
                "Agents", "Store", "Git", "Postgres", "RunnerCore", "BlockingIO", "CPlatform", subprocess, system,
                crypto,
            ],
            swiftSettings: settings, plugins: ["EmbedText"]),
        .target(
            name: "Agents", dependencies: ["RunnerCore", "CScan"],
            // A view of a line's bytes that cannot outlive them.
            swiftSettings: settings + [.enableExperimentalFeature("Lifetimes")]),
        .target(
            name: "Store", dependencies: ["Postgres", "RunnerCore", crypto], swiftSettings: settings,
            plugins: ["EmbedText"]),
        .target(
            name: "Git", dependencies: ["CLibgit2", "CZlib", "CDeflate", "CPlatform", crypto, heap],
            swiftSettings: settings),
        .target(
            name: "Postgres", dependencies: ["BlockingIO", "CLibpq", "CPlatform", subprocess, system],
            swiftSettings: settings),
        .target(name: "RunnerCore", dependencies: [yams, stencil], swiftSettings: settings),
        .target(name: "BlockingIO", swiftSettings: settings),
        .executableTarget(name: "StepShim", dependencies: ["CPlatform"], swiftSettings: settings),
        .executableTarget(
            name: "EnvironmentBench", dependencies: ["Git"], path: "bench/Environments", swiftSettings: settings),
        .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "CPlatform"),
        .target(name: "CScan"),
        .executableTarget(name: "EmbedTool", swiftSettings: settings),
        .executableTarget(
            name: "EngineBench", dependencies: ["Store", "Postgres", "RunnerCore", argumentParser],
            path: "Benchmarks/EngineBench", swiftSettings: settings),
        .plugin(name: "EmbedText", capability: .buildTool(), dependencies: ["EmbedTool"]),

        // What the tests of several targets share.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(
            name: "RunnerCoreTests", dependencies: ["RunnerCore", "TestSupport"], resources: [.copy("Resources")],
            swiftSettings: settings),
        .testTarget(
            name: "AgentsTests", dependencies: ["Agents", "CScan", "RunnerCore", "TestSupport"],
            resources: [.copy("Fixtures")],
            swiftSettings: settings),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "BlockingIO"], swiftSettings: settings),
        .testTarget(
            name: "GitTests", dependencies: ["Git", "CPlatform", "SnapshotTrial", "TestSupport", subprocess, system],
            exclude: ["SnapshotFaults.c"], swiftSettings: settings),
        .executableTarget(
            name: "SnapshotTrial", dependencies: ["Engine", "Git"], path: "Tests/SnapshotTrial", swiftSettings: settings
        ),
        .testTarget(name: "StoreTests", dependencies: ["Store", "Postgres", "RunnerCore"], swiftSettings: settings),
        .testTarget(
            name: "StepShimTests", dependencies: ["StepShim", "Engine", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "EngineTests",
            dependencies: ["Engine", "Store", "Git", "Postgres", "RunnerCore", "CPlatform", subprocess, system],
            swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["RunnerCLI", "StepShim", "RunnerCore", "TestSupport", argumentParser, subprocess, system],
            swiftSettings: settings),
        .testTarget(
            name: "ChaosTests",
            dependencies: [
                "RunnerCLI", "StepShim", "Store", "Postgres", "RunnerCore", "TestSupport", subprocess, system,
            ],
            swiftSettings: settings),
    ]
)
