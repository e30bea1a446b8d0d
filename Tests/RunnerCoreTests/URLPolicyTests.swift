import RunnerCore
import Testing

@Suite struct URLPolicyTests {
    private let policy = URLPolicy()
    private let everything = URLPolicy(allowing: [.insecureSchemes, .privateHosts, .local])

    @Test func `the table has all its rows`() {
        #expect(URLPolicyTable.rows.count == 165)
        #expect(URLPolicyTable.rows.allSatisfy { $0.reason == $0.expected.reason?.rawValue })
    }

    @Test("each row of the table has the expected verdict", arguments: URLPolicyTable.rows)
    func row(_ row: URLPolicyTable.Row) {
        #expect(policy.check(row.input) == row.expected)
    }

    @Test("each normalized form of the table is accepted as itself", arguments: URLPolicyTable.rows)
    func idempotent(_ row: URLPolicyTable.Row) throws {
        guard let normalized = row.expected.normalized else { return }
        let again = everything.check(normalized)
        #expect(again.isAccepted)
        #expect(again.normalized == normalized)
    }

    @Test("switching everything on accepts exactly the policy refusals", arguments: URLPolicyTable.rows)
    func allowances(_ row: URLPolicyTable.Row) {
        let verdict = everything.check(row.input)
        if let reason = row.expected.reason, !reason.isPolicy {
            #expect(verdict == row.expected)
        } else {
            #expect(verdict.isAccepted)
            #expect(verdict.normalized == row.expected.normalized)
        }
    }

    @Test("one allowance does not bring another", arguments: singleAllowances)
    func single(_ input: String, _ allowances: URLPolicy.Allowances, _ reason: URLRefusal) {
        #expect(URLPolicy(allowing: allowances).check(input).reason == reason)
    }

    @Test func `the length limit counts bytes after trimming`() {
        let stem = "https://h.example.com/o/"
        let fits = stem + String(repeating: "a", count: 2048 - stem.utf8.count)
        #expect(policy.check(fits).isAccepted)
        #expect(policy.check("  " + fits + "  ").isAccepted)
        #expect(policy.check(fits + "a").reason == .tooLong)
        #expect(policy.check(String(repeating: " ", count: 5000)).reason == .empty)
        #expect(policy.check("\n" + String(repeating: "a", count: 5000)).reason == .tooLong)
    }

    @Test("hostile text is refused as what it is", arguments: hostileText)
    func text(_ input: String, _ reason: URLRefusal) {
        expectRefused(input, reason)
    }

    @Test("hostile authorities are refused as what they are", arguments: hostileAuthorities)
    func authority(_ input: String, _ reason: URLRefusal) {
        expectRefused(input, reason)
    }

    @Test("hostile paths are refused as what they are", arguments: hostilePaths)
    func path(_ input: String, _ reason: URLRefusal) {
        expectRefused(input, reason)
    }

    @Test("addresses and names of private places are refused in every form", arguments: hostilePlaces)
    func place(_ input: String, _ reason: URLRefusal) {
        #expect(policy.check(input).reason == reason)
        #expect(everything.check(input).isAccepted == reason.isPolicy)
    }

    @Test("ordinary clone URLs are accepted", arguments: ordinary)
    func accepted(_ input: String, _ normalized: String, _ host: String?, _ owner: String?, _ name: String) {
        let expected = URLVerdict(verdict: .accept, normalized: normalized, host: host, owner: owner, name: name)
        #expect(everything.check(input) == expected)
    }

    @Test func `a connection is refused by the class of the resolved address`() throws {
        let address = { (text: String) throws in try #require(IPAddress(text)) }
        #expect(policy.refusal(for: try address("140.82.121.4")) == nil)
        #expect(policy.refusal(for: try address("10.0.0.5")) == .privateAddress)
        #expect(policy.refusal(for: try address("::ffff:127.0.0.1")) == .privateAddress)
        #expect(everything.refusal(for: try address("::ffff:127.0.0.1")) == nil)
        #expect(everything.refusal(for: try address("64:ff9b::169.254.169.254")) == .metadataAddress)
    }

    private func expectRefused(_ input: String, _ reason: URLRefusal) {
        #expect(policy.check(input) == URLVerdict(verdict: .reject, reason: reason))
        #expect(everything.check(input) == URLVerdict(verdict: .reject, reason: reason))
    }
}

extension URLPolicyTests {
    static let singleAllowances: [(String, URLPolicy.Allowances, URLRefusal)] = [
        ("http://10.0.0.5/o/r", .insecureSchemes, .privateAddress),
        ("http://10.0.0.5/o/r", .privateHosts, .insecureScheme),
        ("http://10.0.0.5/o/r", .local, .insecureScheme),
        ("git://gitserver/o/r", .insecureSchemes, .privateHost),
        ("/srv/git/r", [.privateHosts, .insecureSchemes], .localDisabled),
        ("http://169.254.169.254/o/r", [.privateHosts, .insecureSchemes, .local], .metadataAddress),
    ]

    static let hostileText: [(String, URLRefusal)] = [
        ("\t", .controlCharacter), ("\thttps://github.com/o/r", .controlCharacter),
        ("https://github.com/o/r\n--upload-pack=x", .controlCharacter), ("\u{0}", .controlCharacter),
        ("https://github.com/o/r\u{85}", .nonASCII), ("\u{FEFF}https://github.com/o/r", .nonASCII),
        ("https://github.com/o/r\u{200B}", .nonASCII), ("https://github.com/o/r\u{A0}", .nonASCII),
        ("https://github.com\u{2044}o/r", .nonASCII), (" \u{301}https://github.com/o/r", .nonASCII),
        ("  --upload-pack=x", .optionInjection), ("-", .optionInjection), ("--", .optionInjection),
        ("::x", .transportHelper), ("ext::", .transportHelper), ("a.b-c+d::x", .transportHelper),
        ("ssh::ssh://git@github.com/o/r", .transportHelper), ("remote-ext::sh", .transportHelper),
        ("my_helper::x/y", .transportHelper), ("fe80::1:o/r", .transportHelper),
        ("https://github.com/o /r", .badCharacter), ("\\\\server\\share", .badCharacter),
        ("git@github.com:o\\r", .badCharacter), ("https://github.com\\o/r", .badCharacter),
        (".", .relativePath), ("..", .relativePath), ("~", .relativePath), ("~root/r.git", .relativePath),
        ("./a:b", .relativePath), ("repo", .relativePath), ("$HOME/r", .relativePath), ("C:", .relativePath),
        ("z:/x", .relativePath), ("@", .relativePath),
        ("://github.com/o/r", .unsupportedScheme), ("1http://github.com/o/r", .unsupportedScheme),
        ("ht_tps://github.com/o/r", .unsupportedScheme), ("httpss://github.com/o/r", .unsupportedScheme),
        ("ssh+git://github.com/o/r", .unsupportedScheme), ("data://github.com/o/r", .unsupportedScheme),
        ("ftps://github.com/o/r", .unsupportedScheme), ("bundle://x/y", .unsupportedScheme),
        ("https:", .emptyHost), ("https:github.com/o/r", .emptyHost), ("HTTPS:/github.com/o/r", .emptyHost),
        ("ssh:/git@github.com/o/r", .emptyHost), ("file:/etc/passwd", .emptyHost), ("git:/h.example.com/r", .emptyHost),
    ]

    static let hostileAuthorities: [(String, URLRefusal)] = [
        ("ssh://", .emptyHost), ("https://:443/o/r", .emptyHost), ("https://git@/o/r", .emptyHost),
        ("https://?x", .emptyHost), ("git@:o/r", .emptyHost), (":o/r", .emptyHost),
        ("https://user:p%40ss@github.com/o/r", .credentials), ("https://a@b:c@github.com/o/r", .credentials),
        ("http://user:pw@10.0.0.5/o/r", .credentials), ("git://user:pw@github.com/o/r", .credentials),
        ("ftp://user:pw@h.example.com/o/r", .unsupportedScheme), ("file://user:pw@localhost/srv/r", .credentials),
        ("user:pw@github.com:o/r", .credentials), ("user:pw@github.com/o/r", .credentials),
        ("git@host.example.com:pw@github.com/o/r", .credentials), ("ssh://:@github.com/o/r", .credentials),
        ("https://-x:y@github.com/o/r", .credentials),
        ("https://github_pat_11ABCDEFG0abcdefghij@github.com/o/r", .credentials),
        ("https://glpat-x@gitlab.com/o/r", .credentials), ("ghp_0123456789abcdef@github.com:o/r", .credentials),
        ("ssh://gho_abcdefghij@github.com/o/r", .credentials),
        ("https://0123456789abcdef0123456789abcdef01234567@github.com/o/r", .credentials),
        ("https://01234567-89ab-cdef-0123-456789abcdef@git.example.com/o/r", .credentials),
        ("https://ATBBabcdefghij0123456789ABCD@bitbucket.org/o/r", .credentials),
        ("https://AKIAIOSFODNN7EXAMPLE@git.example.com/o/r", .credentials),
        ("https://github.com/o/ghp_0123456789abcdefghijABCDEFGHIJ012345", .credentials),
        ("@github.com:o/r", .badUser), ("ssh://git%3Apw@github.com/o/r", .badUser),
        ("a@b@host.example.com:o/r", .badUser),
        ("ssh://github.com@evil.example.com/o/r", .badUser), ("github.com@evil.example.com:o/r", .badUser),
        ("ssh://$(id)@h.example.com/o/r", .badUser), ("https://a;b@h.example.com/o/r", .badUser),
        ("https://--x@h.example.com/o/r", .optionInjection), ("-x@h.example.com:o/r", .optionInjection),
        ("ssh://git@-x.example.com/o/r", .optionInjection), ("git://-x/o/r", .optionInjection),
        ("https://[::1/o/r", .badHost), ("https://[]/o/r", .badHost), ("https://[::1]x/o/r", .badHost),
        ("https://[github.com]/o/r", .badHost), ("https://[1.2.3.4]/o/r", .badHost), ("https://[::1]]/o/r", .badHost),
        ("https://[fe80::1%eth0]/o/r", .badHost), ("https://[::ffff:010.0.0.5]/o/r", .badHost),
        ("https://[1:2:3:4:5:6:7:8:9]/o/r", .badHost), ("https://[1::2::3]/o/r", .badHost),
        ("https://[12345::]/o/r", .badHost), ("https://[:1:2:3:4:5:6:7]/o/r", .badHost),
        ("https://.github.com/o/r", .badHost), ("https://a-.example.com/o/r", .badHost),
        ("https://a.-b.example.com/o/r", .badHost), ("https://git*hub.com/o/r", .badHost),
        ("https://" + String(repeating: "a", count: 64) + ".example.com/o/r", .badHost),
        ("https://" + String(repeating: "abc.", count: 63) + "com/o/r", .badHost),
        ("https://github.com,evil.example.com/o/r", .badHost), ("https://github.com;x/o/r", .badHost),
        ("git@ho_st.example.com:o/r", .badHost), ("git@.:o/r", .badHost), ("git@[::1:o/r", .badHost),
        ("git@[fe80::1%eth0]:o/r", .badHost),
        ("https://127.0.0.1./o/r", .badHost), ("https://0x7f000001/o/r", .ambiguousAddress),
        ("https://0X7F.1/o/r", .ambiguousAddress), ("https://017700000001/o/r", .ambiguousAddress),
        ("https://0/o/r", .ambiguousAddress), ("https://256.1.1.1/o/r", .ambiguousAddress),
        ("https://1.2.3.4.5/o/r", .ambiguousAddress), ("https://127.0.0.01/o/r", .ambiguousAddress),
        ("https://127.0.0.0x1/o/r", .ambiguousAddress), ("https://example.1/o/r", .ambiguousAddress),
        ("git@127.1:o/r", .ambiguousAddress), ("ssh://git@2852039166/o/r", .ambiguousAddress),
        ("https://github.com:443:443/o/r", .badHost), ("https://github.com:-1/o/r", .badPort),
        ("https://github.com:+443/o/r", .badPort), ("https://github.com:000443/o/r", .badPort),
        ("https://github.com:99999999999999999999/o/r", .badPort), ("https://[::1]:/o/r", .badPort),
        ("ssh://git@github.com:octocat/Hello-World.git", .badPort), ("https://user:p/w@github.com/o/r", .badPort),
        ("git@github.com:22", .scpPort), ("[github.com:22]:o/r", .scpBrackets), ("git@[github.com]:o/r", .scpBrackets),
        ("[::1]/o/r", .scpBrackets), ("git@[::1]o:r/x", .scpBrackets),
        ("file://127.0.0.1/srv/r", .localHost), ("file://./srv/r", .localHost), ("file://-x/srv/r", .localHost),
        ("file://git@localhost/srv/r", .localHost), ("file://localhost:80/srv/r", .localHost),
    ]

    static let hostilePaths: [(String, URLRefusal)] = [
        ("git@github.com:", .emptyPath), ("git@github.com:/", .emptyPath), ("/", .emptyPath), ("file://", .emptyPath),
        ("file:///", .emptyPath), ("ssh://git@h.example.com", .emptyPath),
        ("//server/share", .emptySegment), ("https://github.com/o//r", .emptySegment),
        ("https://github.com/o/r//", .emptySegment), ("git@github.com://o/r", .emptySegment),
        ("file:////srv/r", .emptySegment),
        ("https://github.com?o/r", .queryOrFragment), ("https://github.com#@evil.example.com/o/r", .queryOrFragment),
        ("https://github.com/?x", .queryOrFragment), ("https://h.example.com/o/r?access_token=x", .queryOrFragment),
        ("git@h.example.com:o/r#x", .queryOrFragment), ("/srv/r?x", .queryOrFragment),
        ("https://h.example.com/o/r%", .badPercent), ("https://h.example.com/o/r%2", .badPercent),
        ("https://h.example.com/o/r%2/x", .badPercent), ("https://h.example.com/o/r%+1", .badPercent),
        ("https://h.example.com/o/%0a", .encodedControl), ("https://h.example.com/o/%7f", .encodedControl),
        ("git@h.example.com:o/r%00", .encodedControl), ("https://h.example.com/o/r%2F", .encodedSeparator),
        ("https://h.example.com/%2e%2e%2fetc", .encodedSeparator), ("https://h.example.com/o/r%5c", .encodedSeparator),
        ("https://h.example.com/o/%25", .encodedSeparator), ("https://h.example.com/o/%c0%ae", .encodedNonASCII),
        ("https://h.example.com/o/%ff", .encodedNonASCII), ("https://h.example.com/o/%80", .encodedNonASCII),
        ("https://h.example.com/o/r|id", .badPathCharacter), ("https://h.example.com/o/r&id", .badPathCharacter),
        ("https://h.example.com/o/r'x", .badPathCharacter), ("https://h.example.com/o/\"r\"", .badPathCharacter),
        ("https://h.example.com/o/r:x", .badPathCharacter), ("https://h.example.com/o/r*", .badPathCharacter),
        ("https://h.example.com/o/<r>", .badPathCharacter), ("https://h.example.com/o/{r}", .badPathCharacter),
        ("https://h.example.com/o/r^", .badPathCharacter), ("https://h.example.com/o/r=1", .badPathCharacter),
        ("https://h.example.com/o/%24%28id%29", .badPathCharacter),
        ("https://h.example.com/o/r%3Fx", .badPathCharacter),
        ("https://h.example.com/o/%60id%60", .badPathCharacter), ("https://h.example.com/o/%20r", .badPathCharacter),
        ("https://h.example.com/o/r%20", .badPathCharacter), ("https://h.example.com/o/%20", .badPathCharacter),
        ("javascript:alert(1)", .badPathCharacter), ("data:text/html,x", .badPathCharacter),
        ("/srv/a%20b/r", .badPathCharacter), ("/srv/r:x", .badPathCharacter),
        ("https://h.example.com/./r", .dotSegment), ("https://h.example.com/o/.", .dotSegment),
        ("https://h.example.com/o/...", .dotSegment), ("https://h.example.com/o/.%2e/r", .dotSegment),
        ("https://h.example.com/o/..%20", .dotSegment), ("https://h.example.com/o/..git", .dotSegment),
        ("https://h.example.com/o/...git", .dotSegment), ("https://h.example.com/../etc", .dotSegment),
        ("git@h.example.com:../etc", .dotSegment), ("git@h.example.com:/../etc", .dotSegment),
        ("git@h.example.com:o/%2E%2E", .dotSegment), ("/..", .dotSegment), ("/srv/%2e%2e/etc", .dotSegment),
        ("https://h.example.com/.git", .dotGitSegment), ("https://h.example.com/o/.git/", .dotGitSegment),
        ("https://h.example.com/o/.git.git", .dotGitSegment), ("https://h.example.com/o/%2egit", .dotGitSegment),
        ("https://h.example.com/o/.Git%20", .dotGitSegment), ("https://h.example.com/o/git~2/r", .dotGitSegment),
        ("https://h.example.com/o/.git..%20./r", .dotGitSegment), ("git@h.example.com:.git/config", .dotGitSegment),
        ("/srv/r/.git", .dotGitSegment),
        ("https://h.example.com/o/%2dx", .optionInjection), ("https://h.example.com/o/--x.git", .optionInjection),
        ("/srv/-x", .optionInjection), ("file:///-x", .optionInjection), ("git@h.example.com:/-x", .optionInjection),
        ("https://h.example.com/-", .optionInjection), ("https://h.example.com/o/-/r", .optionInjection),
        ("https://gitlab.example.com/g/p/-/issues", .forgeShape), ("git@gitlab.com:g/-/p", .forgeShape),
        ("https://gitlab.com/group", .forgeShape), ("https://bitbucket.org/team/repo/src/main", .forgeShape),
        ("https://codeberg.org/o", .forgeShape), ("https://GitHub.com/o/r/pull/1", .forgeShape),
        ("ssh://git@ssh.github.com:443/o", .forgeShape), ("http://github.com/o/r/issues", .forgeShape),
        ("https://github.com:8443/o", .forgeShape),
    ]

    static let hostilePlaces: [(String, URLRefusal)] = [
        ("https://169.254.0.1/o/r", .metadataAddress), ("ssh://git@169.254.170.2/o/r", .metadataAddress),
        ("git@169.254.169.254:o/r", .metadataAddress), ("git@[fe80::1]:o/r", .metadataAddress),
        ("https://[::169.254.169.254]/o/r", .metadataAddress), ("https://[::a9fe:a9fe]/o/r", .metadataAddress),
        ("https://[::ffff:169.254.169.254]/o/r", .metadataAddress),
        ("https://[::ffff:0:169.254.169.254]/o/r", .metadataAddress),
        ("https://[2002:a9fe:a9fe::1]/o/r", .metadataAddress), ("https://[febf::1]/o/r", .metadataAddress),
        ("https://[64:ff9b:1::169.254.169.254]/o/r", .metadataAddress),
        ("https://[fd00:ec2::254]/o/r", .metadataAddress), ("https://[::ffff:100.100.100.200]/o/r", .metadataAddress),
        ("https://168.63.129.16/o/r", .metadataAddress), ("https://METADATA.google.internal/o/r", .metadataAddress),
        ("https://x.metadata.google.internal/o/r", .metadataAddress), ("https://metadata/o/r", .metadataAddress),
        ("git@metadata.google.internal:o/r", .metadataAddress), ("git://169.254.169.254/o/r", .metadataAddress),
        ("https://172.16.0.1/o/r", .privateAddress), ("https://172.31.255.255/o/r", .privateAddress),
        ("https://127.255.255.254/o/r", .privateAddress), ("https://224.0.0.1/o/r", .privateAddress),
        ("https://255.255.255.255/o/r", .privateAddress), ("https://198.18.0.1/o/r", .privateAddress),
        ("https://192.0.2.1/o/r", .privateAddress), ("git@10.0.0.5:o/r", .privateAddress),
        ("https://[::]/o/r", .privateAddress), ("https://[0:0:0:0:0:0:0:1]/o/r", .privateAddress),
        ("https://[::127.0.0.1]/o/r", .privateAddress), ("https://[2002:a00:5::]/o/r", .privateAddress),
        ("https://[64:ff9b::10.0.0.5]/o/r", .privateAddress), ("https://[ff02::1]/o/r", .privateAddress),
        ("https://[2001:db8::1]/o/r", .privateAddress), ("https://[fec0::1]/o/r", .privateAddress),
        ("https://[FC00::1]/o/r", .privateAddress), ("ssh://git@[::1]:2222/o/r", .privateAddress),
        ("https://LOCALHOST/o/r", .privateHost), ("https://a.localhost/o/r", .privateHost),
        ("https://git.local/o/r", .privateHost), ("https://git.home.arpa/o/r", .privateHost),
        ("https://git.lan:8443/o/r", .privateHost), ("ssh://git@gitserver:2222/o/r", .privateHost),
        ("git:o/r", .privateHost), ("http://gitserver/o/r", .insecureScheme), ("git://10.0.0.5/o/r", .insecureScheme),
    ]

    static let ordinary: [(String, String, String?, String?, String)] = [
        ("https://github.com/o/r/", "https://github.com/o/r", "github.com", "o", "r"),
        ("https://github.com/o/r.git/", "https://github.com/o/r.git", "github.com", "o", "r"),
        ("http://alice@h.example.com:80/o/r", "http://h.example.com/o/r", "h.example.com", "o", "r"),
        ("git://h.example.com:9418/r", "git://h.example.com/r", "h.example.com", nil, "r"),
        ("https://h.example.com:22/o/r", "https://h.example.com:22/o/r", "h.example.com:22", "o", "r"),
        ("ssh://h.example.com/~me/r.git", "ssh://h.example.com/~me/r.git", "h.example.com", "~me", "r"),
        ("https://h.example.com/%7Eme/c%2B%2b", "https://h.example.com/~me/c++", "h.example.com", "~me", "c++"),
        (
            "git@ssh.dev.azure.com:v3/org/My%20Project/r", "git@ssh.dev.azure.com:v3/org/My%20Project/r",
            "ssh.dev.azure.com", "v3/org/My Project", "r"
        ),
        ("h.example.com:r.git", "h.example.com:r.git", "h.example.com", nil, "r"),
        ("[2606:4700::1]:o/r", "[2606:4700::1]:o/r", "[2606:4700::1]", "o", "r"),
        ("https://[::FFFF:8.8.8.8]/o/r", "https://[::ffff:808:808]/o/r", "[::ffff:808:808]", "o", "r"),
        (
            "ssh://APKAEIBAERJR2EXAMPLE@git-codecommit.us-east-1.amazonaws.com/v1/repos/r",
            "ssh://APKAEIBAERJR2EXAMPLE@git-codecommit.us-east-1.amazonaws.com/v1/repos/r",
            "git-codecommit.us-east-1.amazonaws.com", "v1/repos", "r"
        ),
        (
            "https://github.com/scikit-learn/sk-learn-2024-repository",
            "https://github.com/scikit-learn/sk-learn-2024-repository", "github.com", "scikit-learn",
            "sk-learn-2024-repository"
        ),
        ("file://localhost/srv/my%20repo.git/", "file:///srv/my%20repo.git", nil, "/srv", "my repo"),
        ("/repo.git", "file:///repo.git", nil, "/", "repo"),
        ("https://localhost:3000/o/r", "https://localhost:3000/o/r", "localhost:3000", "o", "r"),
    ]
}
