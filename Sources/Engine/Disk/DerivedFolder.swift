/// The folders that tools make out of what is beside them, so that they can be made again.
enum DerivedFolder {
    private static let recipes: [String: [String]] = [
        "node_modules": [
            "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lockb", "npm-shrinkwrap.json", "package.json",
        ],
        "bower_components": ["bower.json"],
        "target": ["Cargo.lock", "Cargo.toml", "pom.xml", "build.sbt"],
        ".build": ["Package.resolved", "Package.swift"],
        ".venv": ["poetry.lock", "uv.lock", "Pipfile.lock", "requirements.txt", "pyproject.toml", "setup.py"],
        "venv": ["poetry.lock", "uv.lock", "Pipfile.lock", "requirements.txt", "pyproject.toml", "setup.py"],
        ".tox": ["tox.ini", "pyproject.toml"],
        ".gradle": ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"],
        ".next": ["package.json"],
        ".nuxt": ["package.json"],
        "Pods": ["Podfile.lock"],
        "vendor": ["composer.lock", "Gemfile.lock", "go.sum"],
        "_build": ["mix.lock", "mix.exs", "dune-project"],
        "deps": ["mix.lock"],
        ".dart_tool": ["pubspec.lock", "pubspec.yaml"],
        ".terraform": [".terraform.lock.hcl"],
    ]

    /// The file beside a folder `name` that says how to make it again; nil for any other folder.
    static func recipe(for name: [UInt8], among siblings: Set<[UInt8]>) -> String? {
        guard let text = String(validating: name, as: UTF8.self) else { return nil }
        return recipes[text]?.first { siblings.contains(Array($0.utf8)) }
    }
}
