/// A workflow of six steps whose every byte is known: what it prints, what it leaves, what it commits.
///
/// Steps append, so that one repeated without going back to its checkpoint shows in the tree.
enum ChaosWorkload {
    static let steps = ["a", "b", "c", "d", "e", "f"]

    /// The workflow; each step works for about `pause` seconds.
    static func workflow(pause: Double) -> String {
        let bodies = steps.map { step in
            """
              - id: \(step)
                run: |
                  echo "BEGIN \(step)"
                  echo "\(step) was here" >> journal.txt
                  mkdir -p "parts/\(step)" && seq 1 50 > "parts/\(step)/numbers"
                  seq 1 \(lines / 2) | sed "s/^/\(step) line /"
                  sleep \(pause)
                  \(step == "c" || step == "e" ? commit(step) : "chmod 755 parts/\(step)/numbers")
                  rm -f "removed-by-\(step)"
                  seq \(lines / 2 + 1) \(lines) | sed "s/^/\(step) line /"
                  echo "\(step) is done" >> journal.txt
                  echo "END \(step)"
            """
        }
        return "name: chaos\nsteps:\n" + bodies.joined(separator: "\n") + "\n"
    }

    private static func commit(_ step: String) -> String {
        "git -c user.name=Step -c user.email=step@localhost commit -q --allow-empty -am 'by step \(step)'"
    }

    private static let lines = 400

    /// What a step prints when nothing disturbs it.
    static func output(of step: String) -> String {
        "BEGIN \(step)\n" + (1...lines).map { "\(step) line \($0)\n" }.joined() + "END \(step)\n"
    }

    /// The files of the repository that the tasks work on.
    static let files: [String: String] = {
        var files = ["README.md": "chaos\n", "journal.txt": "begin\n"]
        for step in steps { files["removed-by-\(step)"] = "x\n" }
        for number in 0..<30 { files["src/\(number).txt"] = String(repeating: "line \(number)\n", count: 50) }
        return files
    }()
}
