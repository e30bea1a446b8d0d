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
            "postgresql://me:s3c/r3t@h/d", "postgresql://me:12/s3cr3t@h/d", "postgresql://me:s@3cr3t@h/d",
            "postgres://me:1/x@s3cr3t",
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

    @Test("A password that can be a word of the message goes only where it stands as a value")
    func shortPasswords() {
        func redacted(_ message: String, _ password: String, user: String = "me") -> String {
            ConnectionTarget(parameters: ["password": password, "user": user, "port": "5432"]).redacting(message)
        }
        let message =
            "connection to server at \"db\", port 5432 failed: FATAL:  password authentication failed for user"
        for word in ["a", "e", " ", "server", "password", "failed", "authentication", "5432", "connection", ":", "\""] {
            #expect(redacted(message, word) == message, "\(word)")
        }
        // The user's name is shown anyway.
        #expect(redacted("no role \"postgres\"", "postgres", user: "postgres") == "no role \"postgres\"")
        for word in ["a", "server", "password", "hunter"] {
            for text in ["it is \"%\" here", "password='%'", "pass=%", "x=% y", "postgresql://me:%@h/d", "key=%&a=b"] {
                #expect(redacted(text.replacing("%", with: word), word) == text.replacing("%", with: "***"), "\(text)")
            }
        }
        for word in ["s3cr3t", "hunter2", "a b c d", "correcthorsebattery", "123456"] {
            #expect(redacted("xx\(word)yy", word) == "xx***yy", "\(word)")
        }
    }

    @Test("A URL whose password is written as it should be is none that is cut in it")
    func whole() throws {
        for text in [
            "postgresql://me:a%2Fb%40c@h:5432/d", "postgresql://h1:5432,h2:5433/d?application_name=a@b",
            "postgresql:///d?host=/run/x@y", "host=h dbname=a@b", "postgres://me@h", "postgresql://me:p#x@h/d",
        ] {
            _ = try ConnectionTarget(text)
        }
    }

    @Test("A message that quotes the password is redacted")
    func redaction() {
        let target = ConnectionTarget(parameters: ["password": "s3cr3t"])
        #expect(target.redacting("bad word s3cr3t here") == "bad word *** here")
    }
}
