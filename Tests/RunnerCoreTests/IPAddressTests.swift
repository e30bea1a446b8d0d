import RunnerCore
import Testing

@Suite struct IPAddressTests {
    @Test(
        "IPv6 is printed in its one spelling",
        arguments: [
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"), ("2001:DB8::0001", "2001:db8::1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("::ffff:1.2.3.4", "::ffff:102:304"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("fe80::", "fe80::"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ])
    func spelling(_ text: String, _ expected: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == expected)
        #expect(IPAddress(expected) == address)
    }

    @Test(
        "what is not a canonical address is none",
        arguments: [
            "", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.-4", "+1.2.3.4", "1.2.3.4 ",
            "0x1.2.3.4", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "::1::", "g::", "12345::", "::-1",
            "::+1", "1.2.3.4::", "::1.2.3.4:5", "::1.2.3", "[::1]", "fe80::1%eth0", "1:2:3:4:5:6:7:1.2.3.4",
            "\u{FF11}.2.3.4", "::\u{FF11}",
        ])
    func refused(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `socket address bytes give the same address as the text`() {
        #expect(IPAddress(networkBytes: [10, 0, 0, 5]) == IPAddress("10.0.0.5"))
        #expect(IPAddress(networkBytes: [UInt8](repeating: 0, count: 15) + [1]) == IPAddress("::1"))
        #expect(IPAddress(networkBytes: [UInt8](1...16))?.description == "102:304:506:708:90a:b0c:d0e:f10")
        #expect(IPAddress(networkBytes: [1, 2, 3]) == nil)
    }
}
