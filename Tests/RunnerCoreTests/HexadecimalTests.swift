import RunnerCore
import Testing

@Suite struct HexadecimalTests {
    @Test("each byte has two digits in lower case")
    func bytes() {
        #expect([UInt8]().hexadecimal == "")
        #expect([0, 9, 10, 15, 16, 0xAB, 255].hexadecimal == "00090a0f10abff")
    }
}
