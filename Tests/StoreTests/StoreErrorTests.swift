import Store
import Testing

struct StoreErrorTests {
    @Test("A list of active tasks reads as a sentence")
    func activeTasks() {
        #expect(StoreError.activeTasks([3]).description == "task #3 is not ended; cancel first, or wait")
        #expect(StoreError.activeTasks([3, 4]).description == "tasks #3, #4 are not ended; cancel first, or wait")
    }
}
