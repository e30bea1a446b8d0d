import Testing

/// Everything that needs a database; one throwaway server serves all of it, one test at a time.
@Suite(.serialized, .databaseServer)
struct StoreSuite {}
