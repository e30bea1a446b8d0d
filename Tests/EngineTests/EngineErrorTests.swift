import Glibc
import Testing

@testable import Engine

@Suite("what a failed system call is told as")
struct EngineErrorTests {
    @Test(
        "each want has advice of its own",
        arguments: [
            (ENOSPC, EngineError.Code.diskFull, nil), (EDQUOT, .diskFull, nil),
            (EMFILE, .homeUnusable, "ulimit -n"), (ENFILE, .homeUnusable, "the whole machine"),
            (EACCES, .homeUnusable, "make it writable"), (EROFS, .homeUnusable, "make it writable"),
            (EIO, .homeUnusable, nil),
        ] as [(Int32, EngineError.Code, String?)])
    func advice(number: Int32, code: EngineError.Code, hint: String?) {
        let error = EngineError.system("\"x\" cannot be written", errno: number)
        #expect(error.code == code)
        #expect(error.message == "\"x\" cannot be written (\(String(cString: strerror(number)).lowercased()))")
        #expect((error.hint == nil) == (hint == nil))
        if let hint { #expect(error.hint?.contains(hint) == true) }
    }

    @Test("the limit of the person who started runner is a number above nothing")
    func limits() {
        let name = CallerLimits.openFilesVariable
        #expect(CallerLimits.openFiles(in: [name: "1024"]) == 1024)
        #expect(CallerLimits.shellPrefix([name: "1024"]) == "ulimit -S -n 1024\n")
        for text in ["", "0", "-1", "many"] { #expect(CallerLimits.openFiles(in: [name: text]) == nil) }
        #expect(CallerLimits.openFiles(in: [:]) == nil && CallerLimits.shellPrefix([:]).isEmpty)
    }
}
