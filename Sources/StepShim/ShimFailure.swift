import Glibc

/// One failed system call and what it was for.
struct ShimFailure: Error, CustomStringConvertible {
    let doing: String
    let code: Int32

    init(_ doing: String, code: Int32 = errno) {
        self.doing = doing
        self.code = code
    }

    var description: String {
        code == 0 ? doing : "\(doing): \(String(cString: strerror(code)))"
    }
}
