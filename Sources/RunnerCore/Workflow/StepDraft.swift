/// A step while its file is read: values beside the nodes they came from, so that later checks can name places.
struct StepDraft {
    let node: YAMLNode
    var id: String?
    private(set) var idNode: YAMLNode?
    private(set) var name: String?
    var needs: [(id: String, node: YAMLNode)] = []
    private(set) var condition: (value: WorkflowCondition, node: YAMLNode, skipped: Int)?
    private(set) var prompt: YAMLNode?
    private(set) var env: [String: YAMLNode] = [:]
    var body: WorkflowStep.Body?
    var stage: String?
    private(set) var stageNode: YAMLNode?
    private var timeout: Duration?
    private var idleTimeout: Duration?
    var continueOnError = false
    private var writes = true
    private var maxAttempts = 1
    /// What the step is made of, where it is a group.
    var group: GroupDraft?
    /// The matrix over whose combinations the step runs.
    private var strategy: GroupDraft?
    /// The step to which a rejection goes back.
    private(set) var rework: YAMLNode?
    /// The message of an approval, or what a tool is given.
    private(set) var templates: [YAMLNode] = []
    private var contract = StepContract()
    private var budget: Budget?

    static let idLimit = 64

    private static let keys =
        [
            "id", "name", "stage", "run", "shell", "agent", "prompt", "with", "needs", "if", "timeout", "idle-timeout",
            "continue-on-error", "env", "writes", "max-attempts", "approval", "strategy", "loop", "parallel", "foreach",
            "workflow", "fork", "tool", "budget", "fallback",
        ] + StepContract.keys

    /// `depth` is how many groups it is in.
    init(
        _ node: YAMLNode, number: Int, agents: Set<String>, depth: Int = 0, diagnostics: inout WorkflowDiagnostics
    ) {
        self.node = node
        guard let entries = diagnostics.entries(node, of: "a step", knowing: StepDraft.keys) else { return }
        func value(_ key: String) -> YAMLNode? { entries[key]?.value }
        name = value("name").flatMap { diagnostics.title($0, limit: 200) }
        stageNode = value("stage")
        stage = stageNode.flatMap { diagnostics.title($0, limit: 100) }
        idNode = value("id")
        id = idNode.flatMap { StepDraft.readID($0, &diagnostics) }
        needs = value("needs").map { StepDraft.readNeeds($0, &diagnostics) } ?? []
        condition = value("if").flatMap { StepDraft.readCondition($0, &diagnostics) }
        timeout = value("timeout").flatMap { diagnostics.duration($0) }
        idleTimeout = value("idle-timeout").flatMap { diagnostics.duration($0) }
        continueOnError = value("continue-on-error").flatMap { diagnostics.bool($0) } ?? false
        env = value("env").map { diagnostics.environment($0) } ?? [:]
        writes = value("writes").flatMap { diagnostics.bool($0) } ?? true
        maxAttempts = value("max-attempts").flatMap { diagnostics.integer($0, in: 1...10) } ?? 1
        contract = StepContract.read(entries, &diagnostics)
        budget = entries["budget"].flatMap { diagnostics.budget($0.value) }
        strategy = entries["strategy"].flatMap {
            GroupDraft(.matrix, $0, agents: agents, depth: depth + 1, &diagnostics)
        }
        readGroup(entries, agents, depth: depth, &diagnostics)
        if group == nil { body = readBody(entries, agents, &diagnostics) }
        if let strategy, strategy.body.width > 1 { checkRunsBesideOthers(&diagnostics) }
    }

    /// Nil when something essential is missing; an error was noted then.
    var step: WorkflowStep? {
        guard let id, let body = body ?? group?.group.map(WorkflowStep.Body.group) else { return nil }
        var step = WorkflowStep(
            id: id, name: name, stage: stage, body: body, needs: needs.map(\.id), condition: condition?.value,
            timeout: timeout, idleTimeout: idleTimeout, continueOnError: continueOnError,
            env: env.compactMapValues(WorkflowReader.text), writes: writes, maxAttempts: maxAttempts,
            contract: contract, budget: budget)
        guard var matrix = strategy?.body else { return step }
        // When it runs is decided once; what it does, for each combination.
        step.needs = []
        step.condition = nil
        matrix.steps = [step]
        return WorkflowStep(
            id: id, name: name, stage: stage, body: .group(matrix), needs: needs.map(\.id),
            condition: condition?.value, continueOnError: continueOnError)
    }

    /// Gives a step that has no condition this one.
    mutating func presume(_ text: String, at node: YAMLNode) {
        guard condition == nil, let value = try? WorkflowCondition(text) else { return }
        condition = (value, node, 0)
    }

    /// What is inside the step: names of its matrix, or none.
    var matrixNames: Set<String> { strategy?.names ?? [] }

    /// Steps that run side by side in one worktree must leave it alone.
    func checkRunsBesideOthers(_ diagnostics: inout WorkflowDiagnostics) {
        if case .approval = body {
            diagnostics.add(node, "an approval cannot run beside other steps")
        } else if case .tool = body {
            diagnostics.add(node, "a tool cannot run beside other steps")
        } else if group != nil {
            diagnostics.add(node, "a group cannot run beside other steps; put them one after another")
        } else if body != nil || strategy != nil, writes {
            diagnostics.add(
                node, "steps that run side by side in one worktree must not change it: say \"writes: false\"")
        }
    }

    static func isValidID(_ id: String) -> Bool {
        guard let first = id.utf8.first, first != UInt8(ascii: "-"), id.utf8.count <= idLimit else { return false }
        return id.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) || $0 == 95 || $0 == 45 }
    }

    private static func readID(_ node: YAMLNode, _ diagnostics: inout WorkflowDiagnostics) -> String? {
        guard let id = diagnostics.text(node) else { return nil }
        guard !isValidID(id) else { return id }
        diagnostics.add(
            node, "\"\(id.shortened)\" is no step id; use a-z, 0-9, - and _, at most \(idLimit) characters")
        return nil
    }

    private static func readNeeds(
        _ node: YAMLNode, _ diagnostics: inout WorkflowDiagnostics
    ) -> [(id: String, node: YAMLNode)] {
        var needs: [(id: String, node: YAMLNode)] = []
        for item in node.items {
            guard let id = diagnostics.text(item) else { continue }
            if needs.contains(where: { $0.id == id }) {
                diagnostics.add(item, "\"\(id.shortened)\" is listed twice")
            } else {
                needs.append((id, item))
            }
        }
        return needs
    }

    static func readCondition(
        _ node: YAMLNode, _ diagnostics: inout WorkflowDiagnostics
    ) -> (value: WorkflowCondition, node: YAMLNode, skipped: Int)? {
        guard let text = diagnostics.text(node) else { return nil }
        let inner = WorkflowCondition.unwrapped(text)
        let skipped = text.firstRange(of: inner).map { text[..<$0.lowerBound].unicodeScalars.count } ?? 0
        do throws(TemplateError) {
            return (try WorkflowCondition(text), node, skipped)
        } catch {
            diagnostics.add(error, in: node, skipping: skipped)
            return nil
        }
    }

    private mutating func readBody(
        _ entries: [String: YAMLEntry], _ agents: Set<String>, _ diagnostics: inout WorkflowDiagnostics
    ) -> WorkflowStep.Body? {
        if let approval = entries["approval"] {
            refuse(
                [
                    "run", "shell", "agent", "prompt", "with", "strategy", "max-attempts", "timeout", "idle-timeout",
                    "env", "budget", "fallback",
                ] + StepContract.keys,
                in: entries, because: "an approval asks a person", &diagnostics)
            return readApproval(approval, &diagnostics).map { .approval($0) }
        }
        if let tool = entries["tool"] {
            refuse(
                [
                    "run", "shell", "agent", "prompt", "strategy", "timeout", "idle-timeout", "env", "writes",
                    "budget", "fallback",
                ] + StepContract.keys,
                in: entries, because: "the runner does the step itself", &diagnostics)
            guard let read = StepDraft.readTool(tool, with: entries["with"], &diagnostics) else { return nil }
            templates = read.templates
            return .tool(read.body)
        }
        switch (entries["run"], entries["agent"]) {
        case (let run?, nil):
            refuse(
                ["prompt", "with", "budget", "fallback"], in: entries,
                because: "it belongs to an \"agent\" step", &diagnostics)
            return StepDraft.readScript(run.value, shell: entries["shell"]?.value, &diagnostics).map { .script($0) }
        case (nil, let agent?):
            refuse(["shell"], in: entries, because: "it belongs to a \"run\" step", &diagnostics)
            prompt = entries["prompt"]?.value
            if prompt == nil { diagnostics.add(agent, "a step with an \"agent\" needs a \"prompt\"") }
            var read = readAgent(agent.value, with: entries["with"]?.value, agents, &diagnostics)
            read?.fallback = entries["fallback"].map { diagnostics.fallback($0.value, knowing: agents) } ?? []
            return read.map { .agent($0) }
        case (_?, let agent?):
            diagnostics.add(agent, "a step has either \"run\" or \"agent\", not both")
        case (nil, nil):
            diagnostics.add(
                node,
                "a step needs \"run\" or \"agent\", or one of approval, tool, loop, parallel, foreach, workflow, fork")
        }
        return nil
    }

    private mutating func readApproval(
        _ entry: YAMLEntry, _ diagnostics: inout WorkflowDiagnostics
    ) -> ApprovalBody? {
        if case .scalar = entry.value.content {
            templates = [entry.value]
            return diagnostics.text(entry.value).map { ApprovalBody(message: $0) }
        }
        guard
            let entries = diagnostics.entries(
                entry.value, of: "\"approval\"", knowing: ["message", "expires", "rework"])
        else { return nil }
        let message = entries["message"]?.value
        templates = [message].compactMap { $0 }
        guard let message, let text = diagnostics.text(message) else {
            if message == nil { diagnostics.add(entry, "an approval needs a \"message\"") }
            return nil
        }
        rework = entries["rework"]?.value
        return ApprovalBody(
            message: text, expires: entries["expires"].flatMap { diagnostics.duration($0.value) },
            rework: rework.flatMap { diagnostics.text($0) })
    }

    func refuse(
        _ keys: [String], in entries: [String: YAMLEntry], because reason: String,
        _ diagnostics: inout WorkflowDiagnostics
    ) {
        for entry in keys.compactMap({ entries[$0] }) {
            diagnostics.add(entry, "\"\(entry.key)\" cannot be used here: \(reason)")
        }
    }

    private static func readScript(
        _ node: YAMLNode, shell: YAMLNode?, _ diagnostics: inout WorkflowDiagnostics
    ) -> ScriptBody? {
        var script = diagnostics.text(node).map { ScriptBody(text: $0) }
        if let shell, let name = diagnostics.text(shell) {
            script?.shell = ScriptBody.Shell(rawValue: name)
            if ScriptBody.Shell(rawValue: name) == nil {
                diagnostics.add(shell, "unknown shell \"\(name.shortened)\", use bash or sh")
            }
        }
        return script
    }

    private func readAgent(
        _ node: YAMLNode, with: YAMLNode?, _ agents: Set<String>, _ diagnostics: inout WorkflowDiagnostics
    ) -> AgentBody? {
        let name = diagnostics.agent(node, knowing: agents)
        let settings = diagnostics.settings(with, of: name)
        let text = prompt.flatMap { diagnostics.text($0) }
        guard let name else { return nil }
        return text.map { AgentBody(agent: name, prompt: $0, with: settings) }
    }
}
