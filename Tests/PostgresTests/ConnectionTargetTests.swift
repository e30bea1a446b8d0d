import Testing

@testable import Postgres

@Suite("Connection target")
struct ConnectionTargetTests {
    static let secret = "s3cr3t p@ss'\\"

    @Test("A URL and a keyword string give the same parameters")
    func parsing() throws {
        let url = try ConnectionTarget("postgresql://me:s3cr3t%20p%40ss%27%5C@db.example:6543/work?sslmode=require")
        let words = try ConnectionTarget(
            "user=me password='s3cr3t p@ss\\'\\\\' host=db.example port=6543 dbname=work sslmode=require")
        #expect(url.parameters == words.parameters)
        #expect(url.parameters["password"] == Self.secret)
    }

    @Test("No description shows the password")
    func description() {
        let target = ConnectionTarget(parameters: ["host": "h", "dbname": "d", "password": Self.secret])
        var dumped = ""
        dump(target, to: &dumped)
        for text in [target.description, "\(target)", String(reflecting: target), dumped] {
            #expect(!text.contains("s3cr3t"))
        }
    }

    @Test(
        "A malformed URL is one sentence without the password",
        arguments: [
            "postgresql://me:s3cr3t@h:port/%zz", "postgresql://me:s3cr3t%@h/d", "host=h password='s3cr3t", "s3cr3t",
        ])
    func malformed(text: String) {
        let error = #expect(throws: PostgresError.self) { try ConnectionTarget(text) }
        #expect(error?.code == .invalidTarget)
        #expect(error?.description.contains("s3cr3t") == false)
    }

    @Test("A failed connection says where, and never the password")
    func refused() async throws {
        let target = ConnectionTarget(
            parameters: ["host": "/nonexistent", "dbname": "work", "user": "me", "password": Self.secret])
        let client = PostgresClient(target, applicationName: "test")
        let error = await #expect(throws: PostgresError.self) { try await client.query("select 1") }
        #expect(error?.code == .connectionFailed)
        #expect(error?.description.contains("/nonexistent") == true)
        #expect(error?.description.contains("s3cr3t") == false)
    }

    @Test("A message that quotes the password is redacted")
    func redaction() {
        let target = ConnectionTarget(parameters: ["password": "s3cr3t"])
        #expect(target.redacting("bad word s3cr3t here") == "bad word *** here")
    }
}
