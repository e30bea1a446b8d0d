/// Too much time has passed since this worker last knew that the run is its own: it has to ask again.
struct StaleOwnership: Error {}
