import Crypto
import Foundation
import Git

/// Keeps two processes of this host from registering the same repository at once.
final class RegistrationLock: Sendable {
    private let descriptor: LockedDescriptor

    private init(_ descriptor: LockedDescriptor) {
        self.descriptor = descriptor
    }

    /// Waits for the lock, off the cooperative pool.
    static func take(in home: RunnerHome, identity: String) async throws -> RegistrationLock {
        let digest = SHA256.hash(data: Data(identity.utf8)).prefix(8).map { String($0, radix: 16) }.joined()
        let path = "\(home.hubs)/.registering-\(digest)"
        return try await withCheckedThrowingContinuation { continuation in
            // A waiter may block for as long as another process clones: a thread of its own.
            Thread.detachNewThread {
                do {
                    continuation.resume(returning: RegistrationLock(try LockedDescriptor(path: path)))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    func release() {
        descriptor.release()
    }
}
