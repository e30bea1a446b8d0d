import RunnerCore
import Testing

@Suite struct ByteTextTests {
    @Test("sizes are read in powers of 1024 and nothing else is")
    func parse() {
        #expect(ByteText.parse("0") == 0)
        #expect(ByteText.parse("500") == 500)
        #expect(ByteText.parse("64k") == 65_536)
        #expect(ByteText.parse("20G") == 20 << 30)
        for text in ["", "G", "-1", "1.5G", "1 G", "9999999999T", "1X"] {
            #expect(ByteText.parse(text) == nil, "\(text)")
        }
    }

    @Test("sizes are written short")
    func format() {
        #expect(ByteText.format(512) == "512 B")
        #expect(ByteText.format(3_565_158) == "3.4 MB")
        #expect(ByteText.format(12 << 30) == "12 GB")
    }
}
