import Dispatch
import Glibc
import RunnerCore
import Synchronization

/// Tells when a spare is claimed, by whatever process: a claim renames it out of its folder (inotify(7)).
///
/// Costs nothing while nothing is claimed. Where the system has no watch to give, nothing is told.
final class SpareWatch: Sendable {
    private struct State {
        var folders: [Int32: RepositoryID] = [:]
        var claimed: Set<RepositoryID> = []
    }

    /// Rings with each claim, and when the watch is stopped.
    let bell = WakeUp()
    private let descriptor: Int32
    private let state = Mutex(State())
    // Set once; Dispatch lets any thread cancel a source.
    nonisolated(unsafe) private let source: (any DispatchSourceRead)?

    init() {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        self.descriptor = descriptor
        guard descriptor >= 0 else {
            source = nil
            return
        }
        let queue = DispatchQueue(label: "runner.spares")
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        self.source = source
        source.setEventHandler { [weak self] in self?.read() }
        source.setCancelHandler { close(descriptor) }
        source.resume()
    }

    /// Watches the folder of a repository's spares from now on; again and again is fine.
    func watch(_ folder: String, of repository: RepositoryID) {
        guard descriptor >= 0 else { return }
        state.withLock { state in
            let watch = inotify_add_watch(descriptor, folder, UInt32(IN_MOVED_FROM | IN_ONLYDIR))
            if watch >= 0 { state.folders[watch] = repository }
        }
    }

    /// The repositories a spare of which was claimed since the last time.
    func takeClaimed() -> Set<RepositoryID> {
        state.withLock { state in
            defer { state.claimed = [] }
            return state.claimed
        }
    }

    /// Watches nothing any more.
    func stop() {
        source?.cancel()
        bell.ring()
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        var isNew = false
        while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 {
            isNew = note(buffer[..<count]) || isNew
        }
        if isNew { bell.ring() }
    }

    private func note(_ events: ArraySlice<UInt8>) -> Bool {
        let header = MemoryLayout<inotify_event>.size
        return events.withUnsafeBytes { bytes in
            var (offset, isNew) = (0, false)
            while offset + header <= bytes.count {
                let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                offset += header + Int(event.len)
                guard event.mask & UInt32(IN_MOVED_FROM) != 0 else { continue }
                state.withLock { state in
                    guard let repository = state.folders[event.wd] else { return }
                    state.claimed.insert(repository)
                    isNew = true
                }
            }
            return isNew
        }
    }
}
