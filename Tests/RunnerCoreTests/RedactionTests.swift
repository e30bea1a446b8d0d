import RunnerCore
import TestSupport
import Testing

@Suite struct RedactionTests {
    @Test("credentials are replaced and nothing else", arguments: cases)
    func replaced(_ text: String, _ expected: String) {
        #expect(Redaction.redactCredentials(in: text) == expected)
        #expect(Redaction.redactCredentials(in: expected) == expected)
    }

    static let cases: [(String, String)] = [
        ("https://user:pw@host/o/r", "https://***@host/o/r"),
        (
            "fatal: unable to access 'https://u:p@ss@h.example.com/o/r.git/': x",
            "fatal: unable to access 'https://***@h.example.com/o/r.git/': x"
        ),
        ("https://token123@github.com/o/r", "https://***@github.com/o/r"),
        ("ssh://git:pw@host/x", "ssh://***@host/x"), ("postgres://u:p@db:5432/x", "postgres://***@db:5432/x"),
        ("https://user:p/w?x@host/o", "https://***@host/o"),
        (#"{"u":"https:\/\/user:pw@host\/o"}"#, #"{"u":"https:\/\/***@host\/o"}"#),
        (#"{"u":"https://u:pw@h","v":"x@y"}"#, #"{"u":"https://***@h","v":"x@y"}"#),
        ("two https://a:b@c https://d:e@f", "two https://***@c https://***@f"),
        ("Authorization: Basic dXNlcjpwYXNz\nnext", "Authorization: ***\nnext"),
        ("> authorization: Bearer abc", "> authorization: ***"),
        ("curl -H 'Authorization: token abc' url", "curl -H 'Authorization: ***' url"),
        (#"{"Authorization": "Bearer abc def", "x": 1}"#, #"{"Authorization": "***", "x": 1}"#),
        (#""log":"a\nAuthorization: Bearer abc\nb""#, #""log":"a\nAuthorization: ***\nb""#),
        ("http.extraheader=AUTHORIZATION: basic eDp5", "http.extraheader=AUTHORIZATION: ***"),
        ("PRIVATE-TOKEN: abcdef", "PRIVATE-TOKEN: ***"), ("Cookie: a=b; c=d", "Cookie: ***"),
        ("sent Bearer abcdefghij0123456789.x y", "sent Bearer *** y"),
        ("token ghp_0123456789abcdefghij.", "token ***"), ("xghs_abcdefghijklmnop", "x***"),
        ("github_pat_11AAAA_bbbbbbbb,", "***,"), ("glpat-abcdefghij0123456789", "***"),
        ("key sk-ant-api03-AbCd_efgh-ijkl", "key ***"), ("sk-0123456789abcdefABCDEF", "***"),
        ("xoxb-123456789-abcdef", "***"), ("id AKIAIOSFODNN7EXAMPLE", "id ***"),
        (#"\nAKIAIOSFODNN7EXAMPLE"#, #"\n***"#),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def", "***"),
        ("GITHUB_TOKEN=abc next", "GITHUB_TOKEN=*** next"), ("password=hunter2\nx", "password=***\nx"),
        ("?a=1&access_token=abc&b=2", "?a=1&access_token=***&b=2"), ("--password=x y", "--password=*** y"),
        ("DB_PASSWORD='a b' c", "DB_PASSWORD='***' c"), (#"{"api_key":"a b"}"#, #"{"api_key":"***"}"#),
        ("password: hunter2", "password: ***"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nx",
            "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----\nx"
        ),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", "-----BEGIN OPENSSH PRIVATE KEY-----***"),
    ]

    @Test(
        "harmless text stays as it is",
        arguments: [
            "", "plain", "https://github.com/o/r", "ssh://git@github.com/o/r", "git@github.com:o/r.git",
            "https://host:8080/a@b", "https://[::1]/a@b", "mail a@b.c", "unexpected token: }", "risk-assessment-2024",
            "basic understanding of things", "Authorization header is missing", "sk-learn-2024-repository-name",
            "tokens=5", "a://b", ":", "://", "://@", "-----BEGIN CERTIFICATE-----\nMIIE", "AKIA", "ghp_", "Bearer",
            "Password for 'https://github.com': ", "PWD=/home/x", "Grüße 🙂 \u{0} \r\n end", "password=",
        ])
    func harmless(_ text: String) {
        #expect(Redaction.redactCredentials(in: text) == text)
    }

    @Test("a password from any mutation of a URL in text never remains")
    func mutations() {
        var generator = SeededGenerator(seed: 3)
        let secret = "S3cr3tS3cr3t"
        let around = ["", "'", "\"", " ", "\n", "(", "x=", "fatal: "]
        for _ in 0..<2000 {
            let scheme = ["https", "HTTP", "ssh", "git", "ftp", "postgres"].randomElement(using: &generator) ?? ""
            let user = ["", "git", "x-access-token", "a%40b", "a.b"].randomElement(using: &generator) ?? ""
            let before = around.randomElement(using: &generator) ?? ""
            let after = around.randomElement(using: &generator) ?? ""
            let text = "\(before)\(scheme)://\(user):\(secret)@host.example.com/o/r\(after)"
            #expect(text.contains(secret))
            #expect(!Redaction.redactCredentials(in: text).contains(secret), "\(text)")
        }
    }

    @Test(
        "hostile repetition costs linear time",
        arguments: ["sk-", "://", "://a:b", "eyJ", "-----BEGIN ", "password ", "a:", "@", "ghp_", "\\\"", "AKIA-", " "])
    func repetition(_ piece: String) {
        let clock = ContinuousClock()
        let small = String(repeating: piece, count: 1000)
        let large = String(repeating: piece, count: 16_000)
        let first = clock.measure { _ = Redaction.redactCredentials(in: small) }
        let second = clock.measure { _ = Redaction.redactCredentials(in: large) }
        // 16 for linear, 256 for quadratic time; the constant is for noise on a busy machine.
        #expect(second < first * 80 + .milliseconds(300))
    }
}
