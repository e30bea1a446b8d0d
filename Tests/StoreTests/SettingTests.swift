import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct SettingTests {
        @Test(
            "A setting comes back with its type",
            arguments: [
                JSONValue.string("it's"), .integer(-3), .number(0.5), .bool(false), .null, .array([.integer(1)]),
                .object(["a": .string("\u{1F600}")]),
            ])
        func roundTrip(value: JSONValue) async throws {
            try await Database.with { database in
                #expect(try await database.store.setting("a.b") == nil)
                try await database.store.setSetting("a.b", .string("before"), description: "what it is")
                try await database.store.setSetting("a.b", value)
                #expect(try await database.store.setting("a.b") == value)
                #expect(try await database.value("select description from runner.settings") == "what it is")
            }
        }

        @Test("A secret is kept sealed and is not read as a value")
        func secret() async throws {
            try await Database.with { database in
                try await database.store.setSealedSetting("token", [0, 1, 255])
                #expect(try await database.store.sealedSetting("token") == [0, 1, 255])
                await #expect(throws: StoreError.secretSetting(key: "token")) {
                    try await database.store.setting("token")
                }
                try await database.store.setSetting("token", .bool(true))
                #expect(try await database.store.sealedSetting("token") == nil)
            }
        }

        @Test(
            "A key that is no key is refused",
            arguments: ["", "A", "a b", "a'", "-a", String(repeating: "a", count: 201)])
        func badKey(key: String) async throws {
            try await Database.with { database in
                await #expect(throws: PostgresError.self) { try await database.store.setSetting(key, .null) }
            }
        }
    }
}
