/// Room for the stamps of all entries, filled by several threads, each at its own places.
final class CheckoutStamps: @unchecked Sendable {
    // Unchecked: every place is written by the one thread that has the entry, and read when all threads have ended.
    private let places: UnsafeMutableBufferPointer<FileStamp>
    /// Attributes come from outside the tree too, so that every path must be looked up.
    let honoursAllAttributes: Bool

    init(count: Int, honoursAllAttributes: Bool) {
        places = .allocate(capacity: count)
        places.initialize(repeating: FileStamp())
        self.honoursAllAttributes = honoursAllAttributes
    }

    deinit {
        places.deallocate()
    }

    var count: Int { places.count }

    subscript(_ number: Int) -> FileStamp {
        get { places[number] }
        set { places[number] = newValue }
    }
}
