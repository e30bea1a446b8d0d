import CPlatform
import Foundation
import Glibc
import RunnerCore
import Synchronization

/// Tells when the process of another worker of this host ends, in the moment it does.
final class PeerWatch: Sendable {
    private struct State {
        var watched: [SessionID: Int32] = [:]
        var isOver = false
    }

    private let state = Mutex(State())
    private let wake: (reading: Int32, writing: Int32)
    private let onEnd: @Sendable () -> Void

    /// `onEnd` is called from a thread of the watch.
    init(onEnd: @escaping @Sendable () -> Void) {
        var ends: [Int32] = [-1, -1]
        _ = runner_pipe(&ends)
        wake = (ends[0], ends[1])
        self.onEnd = onEnd
        // A thread of its own, since it blocks for hours.
        Thread.detachNewThread { [self] in loop() }
    }

    /// Watches these and no others from now on; false for each that has ended already.
    func watch(_ peers: [SessionRecord]) -> [SessionID: Bool] {
        var alive: [SessionID: Bool] = [:]
        state.withLock { state in
            guard !state.isOver else { return }
            let before = state.watched
            for (id, descriptor) in state.watched where !peers.contains(where: { $0.id == id }) {
                close(descriptor)
                state.watched[id] = nil
            }
            for peer in peers {
                if state.watched[peer.id] == nil { state.watched[peer.id] = Self.open(peer) }
                alive[peer.id] = HostIdentity.isRunning(peer)
            }
            if state.watched != before { ring() }
        }
        return alive
    }

    func stop() {
        state.withLock { state in
            state.isOver = true
            ring()
        }
    }

    private static func open(_ peer: SessionRecord) -> Int32? {
        let descriptor = runner_pidfd_open(pid_t(peer.processID))
        guard descriptor >= 0 else { return nil }
        // Checked after opening: the descriptor stays with the process, the number does not.
        guard HostIdentity.isRunning(peer) else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Only under the lock: the loop closes the pipe once it has seen there that it is over.
    private func ring() {
        var byte: UInt8 = 0
        _ = write(wake.writing, &byte, 1)
    }

    private func loop() {
        while true {
            let (watched, isOver) = state.withLock { ($0.watched, $0.isOver) }
            if isOver { break }
            var polled = [pollfd(fd: wake.reading, events: Int16(POLLIN), revents: 0)]
            polled += watched.values.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&polled, nfds_t(polled.count), -1)
            if polled[0].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 64)
                _ = read(wake.reading, &bytes, bytes.count)
            }
            let ended = Set(polled.dropFirst().filter { $0.revents != 0 }.map(\.fd))
            guard !ended.isEmpty else { continue }
            state.withLock { state in
                for (id, descriptor) in state.watched where ended.contains(descriptor) {
                    close(descriptor)
                    state.watched[id] = nil
                }
            }
            onEnd()
        }
        state.withLock { state in
            for descriptor in state.watched.values { close(descriptor) }
            state.watched = [:]
        }
        close(wake.reading)
        close(wake.writing)
    }
}

extension HostIdentity {
    /// Whether the process of a session of this host is still at work; one that nobody has reaped yet is not.
    static func isRunning(_ session: SessionRecord) -> Bool {
        guard session.bootID == bootID, processStart(pid_t(session.processID)) == session.processStart else {
            return false
        }
        // The state is the first field behind the name in parentheses, which may hold anything itself (proc(5)).
        guard let line = FileManager.default.contents(atPath: "/proc/\(session.processID)/stat"),
            let end = line.lastIndex(of: UInt8(ascii: ")")), end + 2 < line.endIndex
        else { return false }
        return ![UInt8(ascii: "Z"), UInt8(ascii: "X")].contains(line[end + 2])
    }
}
