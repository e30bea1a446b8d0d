import Postgres
package import RunnerCore

extension Store {
    /// The value of a setting, nil when it was never set; throws `StoreError.secretSetting` for a secret one.
    package func setting(_ key: String) async throws -> JSONValue? {
        let rows = try await client.query("select value, secret from runner.settings where key = \(key)")
        guard let row = rows.first else { return nil }
        guard try !row.decode("secret", as: Bool.self) else { throw StoreError.secretSetting(key: key) }
        return try row.decode("value")
    }

    /// Sets a value that anybody may read; nil leaves the description as it is.
    package func setSetting(_ key: String, _ value: JSONValue, description: String? = nil) async throws {
        try await client.execute(
            """
            insert into runner.settings (key, type, value, description)
            values (\(key), \(value.settingType), \(value)::jsonb, coalesce(\(description), ''))
            on conflict (key) do update set type = excluded.type, value = excluded.value, sealed_value = null,
                secret = false, description = coalesce(\(description), settings.description)
            """)
    }

    /// Keeps a secret that the caller has sealed; the database never sees it in the clear.
    package func setSealedSetting(_ key: String, _ sealed: [UInt8], description: String? = nil) async throws {
        try await client.execute(
            """
            insert into runner.settings (key, type, sealed_value, secret, description)
            values (\(key), 'string', \(sealed), true, coalesce(\(description), ''))
            on conflict (key) do update set type = excluded.type, value = null, sealed_value = excluded.sealed_value,
                secret = true, description = coalesce(\(description), settings.description)
            """)
    }

    /// The sealed bytes of a secret setting; nil when there is none of this name.
    package func sealedSetting(_ key: String) async throws -> [UInt8]? {
        try await client.query("select sealed_value from runner.settings where key = \(key) and secret")
            .first?.decodeIfPresent("sealed_value")
    }
}

extension JSONValue {
    fileprivate var settingType: String {
        switch self {
        case .string: "string"
        case .integer: "integer"
        case .number: "float"
        case .bool: "boolean"
        case .null, .array, .object: "json"
        }
    }
}
