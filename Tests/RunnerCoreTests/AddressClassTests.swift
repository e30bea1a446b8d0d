import RunnerCore
import Testing

@Suite struct AddressClassTests {
    @Test(
        "each range has its class up to its borders",
        arguments: [
            ("9.255.255.255", AddressClass.global), ("10.0.0.0", .private), ("10.255.255.255", .private),
            ("11.0.0.0", .global), ("100.63.255.255", .global), ("100.64.0.0", .private), ("100.127.255.255", .private),
            ("100.128.0.0", .global), ("100.100.100.200", .metadata), ("100.100.100.201", .private),
            ("126.255.255.255", .global), ("127.0.0.0", .loopback), ("128.0.0.0", .global), ("0.0.0.0", .loopback),
            ("0.1.2.3", .reserved), ("169.253.255.255", .global), ("169.254.0.0", .metadata),
            ("169.254.255.255", .metadata), ("169.255.0.0", .global), ("172.15.255.255", .global),
            ("172.16.0.0", .private), ("172.31.255.255", .private), ("172.32.0.0", .global),
            ("192.167.255.255", .global), ("192.168.0.0", .private), ("192.169.0.0", .global),
            ("192.0.0.192", .metadata), ("192.0.0.8", .reserved), ("192.0.2.7", .reserved), ("198.17.255.255", .global),
            ("198.19.255.255", .reserved), ("198.51.100.1", .reserved), ("203.0.113.9", .reserved),
            ("223.255.255.255", .global), ("224.0.0.1", .reserved), ("240.0.0.1", .reserved), ("8.8.8.8", .global),
        ])
    func v4(_ text: String, _ expected: AddressClass) throws {
        #expect(try #require(IPAddress(text)).addressClass == expected)
        let embedded = ["::ffff:", "64:ff9b::", "::ffff:0:"].map { $0 + text }
        for form in embedded {
            #expect(try #require(IPAddress(form)).addressClass == expected, "\(form)")
        }
        // Compatible addresses are not routed at all, and may be worse.
        if text != "0.0.0.0" {
            #expect(try #require(IPAddress("::" + text)).addressClass == max(expected, .reserved))
        }
    }

    @Test(
        "IPv6 ranges have their class",
        arguments: [
            ("2606:4700::1111", AddressClass.global), ("2a00::1", .global), ("2001:4860:4860::8888", .global),
            ("::", .loopback), ("::1", .loopback), ("fe7f::1", .reserved), ("fe80::1", .metadata),
            ("febf:ffff::1", .metadata), ("fec0::1", .private), ("fbff::1", .reserved), ("fc00::1", .private),
            ("fdff::1", .private), ("fe00::1", .reserved), ("fd00:ec2::254", .metadata), ("fd20:ce::254", .metadata),
            ("fd00:ec2::253", .private), ("fd00:c1::a9fe:a9fe", .metadata), ("ff02::1", .reserved),
            ("2001:db8::1", .reserved), ("3fff::1", .reserved), ("2001:10::1", .reserved), ("2001:200::1", .global),
            ("100::1", .reserved), ("4000::1", .reserved), ("2002:808:808::1", .global), ("2002:a00:5::1", .private),
            ("2002:7f00:1::", .loopback), ("2002:a9fe:a9fe::", .metadata), ("64:ff9b:1:808:8:808:8:808", .private),
            ("64:ff9b:1:a9fe:a9:fe00::", .metadata), ("64:ff9b:1::a9fe:a9fe", .metadata),
            ("64:ff9b:1:a9:fe:a9fe::", .metadata), ("64:ff9b:1:0:a9:fea9:fe00:0", .metadata),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", .reserved), ("2001:0:808:808::5601:5601", .metadata),
            ("2606:4700::5efe:10.0.0.5", .private), ("2606:4700::200:5efe:7f00:1", .loopback),
            ("2606:4700::a9fe:a9fe", .metadata),
        ])
    func v6(_ text: String, _ expected: AddressClass) throws {
        #expect(try #require(IPAddress(text)).addressClass == expected)
    }

    @Test func `every class but the public one is refused`() {
        #expect(AddressClass.allCases.filter { $0.refusal == nil } == [.global])
        #expect(AddressClass.allCases.filter { $0.refusal == .metadataAddress } == [.metadata])
        #expect(AddressClass.allCases.max() == .metadata)
    }
}
