extension LocalOrigin {
    /// Where the person's own Git LFS keeps contents; `storage` is what `lfs.storage` says there.
    package func largeFiles(storage: String?) -> LargeFileStore {
        let storage = storage.flatMap { $0.isEmpty ? nil : $0 } ?? "lfs"
        return LargeFileStore(folder: storage.hasPrefix("/") ? storage : "\(commonDirectory)/\(storage)")
    }

    /// Gives the person's Git LFS what it has not got yet; what `store` has not got either stays away.
    package func takeLargeFiles(
        _ pointers: Set<LargeFilePointer>, from store: LargeFileStore, storage: String?
    ) throws(GitError) {
        let owner = Ownership(of: commonDirectory)
        let own = largeFiles(storage: storage)
        for pointer in pointers { _ = try own.take(pointer, from: store, owner: owner) }
    }
}
