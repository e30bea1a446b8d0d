import Glibc
import Testing

@testable import StepShim

/// The stop chain as a pure value.
struct StopChainTests {
    private func chain() -> StopChain {
        StopChain(stages: [
            StopStage(signal: SIGINT, wholeGroup: false, wait: 100),
            StopStage(signal: SIGTERM, wholeGroup: true, wait: 200),
        ])
    }

    @Test("Nothing is due before somebody asks to stop")
    func idle() {
        var chain = chain()
        #expect(chain.nextAt == nil)
        #expect(chain.next(at: 1000) == nil)
        #expect(chain.begun == 0)
    }

    @Test("Stages come in order, each after its wait, and then SIGKILL for ever")
    func order() {
        var chain = chain()
        chain.begin(at: 1000)
        #expect(chain.next(at: 1000)?.signal == SIGINT)
        #expect(chain.next(at: 1099) == nil)
        #expect(chain.next(at: 1100)?.signal == SIGTERM)
        #expect(chain.next(at: 1299) == nil)
        let kill = chain.next(at: 1300)
        #expect(kill?.signal == SIGKILL)
        #expect(kill?.wholeGroup == true)
        #expect(chain.killingSince == 1300)
        #expect(chain.next(at: 1301) == nil)
        #expect(chain.next(at: 1320)?.signal == SIGKILL)
        #expect(chain.killingSince == 1300)
        #expect(chain.begun == 3)
    }

    @Test("A second request does not begin the chain again")
    func repeated() {
        var chain = chain()
        chain.begin(at: 1000)
        _ = chain.next(at: 1000)
        chain.begin(at: 1050)
        #expect(chain.next(at: 1050) == nil)
    }

    @Test("A hard stop goes to SIGKILL at once, also in the middle of a wait")
    func hard() {
        var chain = chain()
        chain.begin(at: 1000)
        _ = chain.next(at: 1000)
        chain.skipToKill(at: 1010)
        #expect(chain.next(at: 1010)?.signal == SIGKILL)
        #expect(chain.begun == 2)
    }
}
