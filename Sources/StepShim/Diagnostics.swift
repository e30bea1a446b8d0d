import Glibc

/// Lines for a person on standard error, which the launcher points at the attempt's `shim.log`.
enum Diagnostics {
    static func write(_ line: String, to descriptor: Int32 = STDERR_FILENO) {
        var text = line + "\n"
        text.withUTF8 { bytes in
            // A full disk or a closed descriptor must not change what the shim does.
            _ = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
    }
}
