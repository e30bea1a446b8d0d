import Testing

@testable import Postgres

@Suite("SQL")
struct SQLTests {
    @Test("Interpolated values become numbered binds")
    func binds() {
        let name = "O'Brien"
        let sql: SQL = "select * from people where name = \(name) and age > \(40)"
        #expect(sql.text == "select * from people where name = $1 and age > $2")
        #expect(sql.binds.map(\.text) == ["O'Brien", "40"])
        #expect(sql.binds.map(\.type) == [0, 20])
    }

    @Test("A nested fragment brings its binds and is renumbered")
    func nesting() {
        let condition: SQL = "state = \("done") or state = \("failed")"
        let sql: SQL = "select \(1) where \(condition) limit \(5)"
        #expect(sql.text == "select $1 where state = $2 or state = $3 limit $4")
        #expect(sql.binds.map(\.text) == ["1", "done", "failed", "5"])
    }

    @Test("A string literal without a label is a bind, with the label `fragment` it is text")
    func literals() {
        let bound: SQL = "order by \("a")"
        let text: SQL = "order by \(fragment: "a")"
        #expect(bound.text == "order by $1")
        #expect(text.text == "order by a")
    }

    @Test("Only `unescaped` puts a string into the text")
    func unescaped() {
        let sql: SQL = "select * from \(unescaped: "tasks")"
        #expect(sql.text == "select * from tasks")
        #expect(sql.binds.isEmpty)
    }

    @Test("Fragments join with a separator")
    func joining() {
        let conditions: [SQL] = ["a = \(1)", "b = \(2)", "c"]
        #expect(conditions.joined(separator: " and ").text == "a = $1 and b = $2 and c")
        #expect([SQL]().joined(separator: " and ").text == "")
    }

    @Test("An absent value keeps the type of a present one")
    func null() {
        let sql: SQL = "select \(Int?.none)"
        #expect(sql.binds.first?.type == 20)
        #expect(sql.binds.first?.text == nil)
    }
}
