import Foundation
import Glibc
import Testing

@testable import Git

@Suite("what libgit2 reads at its start")
struct LibraryCertificateTests {
    @Test(
        "the system's certificates are not read where libgit2 uses Mbed TLS: its functions are ours",
        arguments: ["mbedtls_x509_crt_parse_file", "mbedtls_x509_crt_parse_path"])
    func certificates(function: String) throws {
        // Nil where libgit2 was built with another library.
        guard let symbol = dlsym(nil, function) else { return }
        let own = try #require(realpath("/proc/self/exe", nil).map { String(cString: $0) })
        #expect(try Self.file(at: UInt(bitPattern: symbol)) == own)
    }

    /// The file that is mapped where `address` is.
    private static func file(at address: UInt) throws -> String? {
        try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n").first { line in
            let range = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
            return range.count == 2 && range[0] <= address && address < range[1]
        }?.split(separator: " ", maxSplits: 5).last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
