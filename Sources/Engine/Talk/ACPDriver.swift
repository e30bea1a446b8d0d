package import Agents
import CPlatform
import Foundation
import Glibc
import RunnerCore

/// A step's command that starts an ACP agent as its child, talks to it and puts the conversation out as lines.
///
/// One thread and one loop over the agent's two pipes and a pipe for signals, so that neither side can wait for the other.
package struct ACPDriver {
    private var conversation: ACPConversation
    private let files: ACPFiles
    private var outgoing: [UInt8] = []
    private var input: Int32 = -1
    private var output: Int32 = -1
    private var pid: pid_t = 0
    /// When the agent is made to end, first with SIGTERM, then with SIGKILL; in seconds of the monotonic clock.
    private var endAt: Double?
    private var isTerminated = false
    private var wasStopped = false
    private let request: ACPRequest
    /// Until when the open questions wait.
    private var questions: [Int: Double] = [:]
    private var signOfLifeAt = 0.0

    /// How long the agent may take to answer a cancellation, less than what the shim waits before it ends all.
    private static let cancelSeconds = 3.0
    /// How long it may take to end by itself once its standard input is closed.
    private static let partSeconds = 3.0
    /// How often it is said that a person is waited for.
    private static let lifeSeconds = 5.0

    /// The end for writing of the pipe that wakes the loop; only written by signal handlers.
    nonisolated(unsafe) private static var bell: Int32 = -1

    /// `worktree` is the working folder.
    package init(_ request: ACPRequest, worktree: String) {
        self.request = request
        conversation = ACPConversation(request, worktree: worktree)
        files = ACPFiles(worktree: worktree)
    }

    /// Runs the conversation to its end; returns the exit status for this process.
    ///
    /// 127 where the program cannot be started, 130 after a signal, else the agent's own; 0 when it had to be ended after
    /// its last word.
    package mutating func run(_ argv: [String]) throws -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard runner_pipe(&ends) == 0 else { throw ShimError("make a pipe") }
        _ = runner_set_nonblocking(ends[1], 1)
        Self.bell = ends[1]
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in
                let saved = errno
                var byte: UInt8 = 1
                _ = Glibc.write(ACPDriver.bell, &byte, 1)
                errno = saved
            }
        }
        let failure = start(argv)
        guard failure == 0 else {
            FileHandle.standardError.write(
                Data("cannot start \"\(argv.first ?? "")\": \(String(cString: strerror(failure)))\n".utf8))
            return 127
        }
        perform(conversation.begin())
        while output >= 0 { turn(bell: ends[0]) }
        perform(conversation.endOfOutput())
        return end()
    }

    /// Waits for the next thing that happens, and does what it asks for.
    private mutating func turn(bell: Int32) {
        var polls = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
            pollfd(fd: outgoing.isEmpty ? -1 : input, events: Int16(POLLOUT), revents: 0),
        ]
        // Answers come as files.
        let next = [endAt, questions.isEmpty ? nil : Self.now() + 0.2].compactMap { $0 }.min()
        let wait = next.map { max(0, min(($0 - Self.now()) * 1000, 60_000)) } ?? -1
        guard poll(&polls, nfds_t(polls.count), Int32(wait.rounded(.up))) >= 0 || errno == EINTR else { return }
        if polls[1].revents != 0 {
            var bytes = [UInt8](repeating: 0, count: 64)
            _ = Glibc.read(bell, &bytes, bytes.count)
            wasStopped = true
            perform(conversation.cancel())
            endAt = min(endAt ?? .infinity, Self.now() + Self.cancelSeconds)
        }
        if polls[0].revents != 0 { receive() }
        if polls[2].revents != 0 { send() }
        if !questions.isEmpty { lookForAnswers() }
        if let endAt, Self.now() >= endAt { makeEnd() }
    }

    private mutating func ask(_ number: Int, _ title: String, _ detail: String) {
        let environment = ProcessInfo.processInfo.environment
        let now = Date()
        let question = PermissionQuestion(
            number: number, task: environment["RUNNER_TASK_NUMBER"].flatMap(Int.init) ?? 0,
            run: environment["RUNNER_RUN_NUMBER"].flatMap(Int.init) ?? 0, step: environment["RUNNER_STEP_ID"] ?? "",
            title: String(title.prefix(1000)), detail: String(detail.prefix(8000)), askedAt: now,
            expiresAt: now.addingTimeInterval(Double(request.askSeconds)))
        guard let box, (try? box.ask(question)) != nil else {
            return perform(conversation.decide(number, isAllowed: false, by: nil))
        }
        questions[number] = Self.now() + Double(request.askSeconds)
        signOfLifeAt = Self.now() + Self.lifeSeconds
    }

    private mutating func lookForAnswers() {
        for (number, end) in questions.sorted(by: { $0.key < $1.key }) {
            let answer = box?.answer(to: number)
            guard answer != nil || Self.now() >= end || wasStopped else { continue }
            questions[number] = nil
            box?.close(number)
            perform(
                conversation.decide(
                    number, isAllowed: answer?.isAllowed ?? false, by: answer?.by, note: answer?.note))
        }
        // A watch over the step's silence must not take the waiting for a hang.
        guard Self.now() >= signOfLifeAt else { return }
        signOfLifeAt = Self.now() + Self.lifeSeconds
        perform(conversation.stillWaiting())
    }

    private var box: QuestionBox? { request.questions.map { QuestionBox(folder: $0) } }

    private mutating func receive() {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = Glibc.read(output, &bytes, bytes.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        guard count > 0 else {
            close(output)
            output = -1
            return
        }
        perform(bytes.withUnsafeBytes { conversation.feed(UnsafeRawBufferPointer(rebasing: $0[..<count])) })
    }

    private mutating func send() {
        let count = outgoing.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        // An agent that reads no more says so by its end.
        outgoing.removeFirst(count < 0 ? outgoing.count : count)
    }

    private mutating func perform(_ actions: [ACPAction]) {
        for action in actions {
            switch action {
            case .put(let line): Self.put(line + [UInt8(ascii: "\n")])
            case .send(let line): outgoing += line + [UInt8(ascii: "\n")]
            case .read(let id, let path, let line, let limit):
                perform([
                    answer(id) { .object(["content": .string(try files.read(path, line: line, limit: limit))]) }
                ])
            case .write(let id, let path, let text):
                perform([
                    answer(id) {
                        try files.write(path, text)
                        return .null
                    }
                ])
            case .ask(let number, let title, let detail): ask(number, title, detail)
            case .end:
                // What it was told last may still have to be written; nothing of it matters any more.
                if input >= 0 { close(input) }
                (input, outgoing) = (-1, [])
                endAt = min(endAt ?? .infinity, Self.now() + Self.partSeconds)
            }
        }
    }

    private func answer(_ id: JSONValue, _ body: () throws -> JSONValue) -> ACPAction {
        do {
            return conversation.answer(id, try body())
        } catch let refusal as ACPFiles.Refusal {
            return conversation.refuse(id, refusal.reason)
        } catch {
            return conversation.refuse(id, "it could not be done")
        }
    }

    private mutating func makeEnd() {
        guard isTerminated else {
            kill(pid, SIGTERM)
            isTerminated = true
            endAt = Self.now() + 1
            return
        }
        kill(pid, SIGKILL)
        // A child of its own may hold the pipe open; the shim ends that.
        if output >= 0 { close(output) }
        output = -1
    }

    /// Waits for the agent's end, after it has closed its output.
    private mutating func end() -> Int32 {
        for number in questions.keys { box?.close(number) }
        if input >= 0 { close(input) }
        endAt = endAt ?? Self.now() + Self.partSeconds
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            if let endAt, Self.now() >= endAt { makeEnd() }
            usleep(5000)
        }
        if wasStopped { return 130 }
        if isTerminated { return conversation.isOver ? 0 : 1 }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    }

    /// The error's number; 0 when it runs.
    private mutating func start(_ argv: [String]) -> Int32 {
        var (toAgent, fromAgent): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard runner_pipe(&toAgent) == 0, runner_pipe(&fromAgent) == 0 else { return errno }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toAgent[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromAgent[1], STDOUT_FILENO)
        _ = runner_spawn_add_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        let failure = posix_spawnp(&pid, argv.first ?? "", &actions, &attributes, &words, &variables)
        close(toAgent[0])
        close(fromAgent[1])
        (input, output) = (toAgent[1], fromAgent[0])
        _ = runner_set_nonblocking(input, 1)
        return failure
    }

    private static func put(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
