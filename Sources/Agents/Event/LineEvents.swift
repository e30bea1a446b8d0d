/// The events of one line, mostly none or one, for which no list is made.
enum LineEvents: ExpressibleByArrayLiteral {
    case nothing
    case one(AgentEvent)
    case many([AgentEvent])

    init(arrayLiteral elements: AgentEvent...) {
        self = elements.isEmpty ? .nothing : .many(elements)
    }

    /// Nothing for nil.
    init(_ event: AgentEvent?) {
        self = event.map { .one($0) } ?? .nothing
    }

    var count: Int {
        switch self {
        case .nothing: 0
        case .one: 1
        case .many(let events): events.count
        }
    }

    mutating func append(_ event: AgentEvent) {
        self += .one(event)
    }

    static func + (a: consuming LineEvents, b: consuming LineEvents) -> LineEvents {
        a += b
        return a
    }

    static func += (a: inout LineEvents, b: consuming LineEvents) {
        switch a {
        case .nothing: a = b
        case .one(let event):
            switch b {
            case .nothing: return
            case .one(let next): a = .many([event, next])
            case .many(let events): a = .many([event] + events)
            }
        case .many(var events):
            // So that the list is nobody else's, and grows where it is.
            a = .nothing
            events += b
            a = .many(events)
        }
    }
}

extension [AgentEvent] {
    static func += (list: inout [AgentEvent], events: consuming LineEvents) {
        switch events {
        case .nothing: break
        case .one(let event): list.append(event)
        case .many(let events): list.append(contentsOf: events)
        }
    }
}
