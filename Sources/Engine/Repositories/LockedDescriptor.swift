import CPlatform
import Glibc
import Synchronization

/// An exclusively locked file that can cross tasks; `release` may be called from anywhere, more than once.
final class LockedDescriptor: Sendable {
    private let descriptor: Mutex<Int32>

    /// Takes the lock if it is free at this moment.
    convenience init?(path: String, waits: Bool) throws {
        do {
            try self.init(path: path, operation: waits ? LOCK_EX : LOCK_EX | LOCK_NB)
        } catch is WouldBlock {
            return nil
        }
    }

    /// Blocks until the lock is free.
    convenience init(path: String) throws {
        try self.init(path: path, operation: LOCK_EX)
    }

    private struct WouldBlock: Error {}

    private init(path: String, operation: Int32) throws {
        let opened = runner_open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else {
            throw EngineError.system("the lock \"\(path)\" cannot be opened", errno: errno)
        }
        while flock(opened, operation) != 0 {
            guard errno == EINTR else {
                let isTaken = errno == EWOULDBLOCK
                close(opened)
                if isTaken { throw WouldBlock() }
                throw EngineError(.internalFault, "the lock \"\(path)\" cannot be taken", hint: nil)
            }
        }
        descriptor = Mutex(opened)
    }

    func release() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    deinit {
        release()
    }
}
