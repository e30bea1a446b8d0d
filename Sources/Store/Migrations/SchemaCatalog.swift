import Postgres

/// What the server's catalogs say about schema `runner`: a text for each object, equal when the objects are.
struct SchemaCatalog: Sendable {
    struct Key: Hashable, Sendable {
        let kind: SchemaCheck.Kind
        let name: String
    }

    let definitions: [Key: String]
    /// In the order of the kinds, then by name.
    let keys: [Key]

    /// Reads the catalogs as the connection's transaction sees them.
    init(_ connection: borrowing PostgresConnection) throws {
        // Names of visible objects are printed without a schema.
        try connection.executeScript("set local search_path = runner, pg_catalog")
        var definitions: [Key: String] = [:]
        var keys: [Key] = []
        for row in try connection.query(Self.query) {
            guard let kind = SchemaCheck.Kind(rawValue: try row.decode("kind")) else { continue }
            let key = Key(kind: kind, name: try row.decode("name"))
            definitions[key] = try row.decode("definition")
            keys.append(key)
        }
        self.definitions = definitions
        let order = Dictionary(SchemaCheck.Kind.allCases.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
        self.keys = keys.sorted { (order[$0.kind] ?? 0, $0.name) < (order[$1.kind] ?? 0, $1.name) }
    }

    /// Every object of the schema, in the server's own spelling.
    private static let query: SQL = """
        with tables as (
            select c.oid, c.relname, c.relrowsecurity, c.relacl from pg_class c
            where c.relnamespace = to_regnamespace('runner') and c.relkind in ('r', 'p')
        )
        select 'table' as kind, t.relname::text as name,
            (select string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
                        case when a.attnotnull then 'not null' end, nullif(a.attidentity, ''),
                        nullif(a.attgenerated, ''), pg_get_expr(d.adbin, d.adrelid)), chr(10) order by a.attnum)
             from pg_attribute a
             left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
             where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped) as definition
        from tables t
        union all
        select case c.contype when 'c' then 'check' when 'f' then 'foreign key' else 'key' end,
            t.relname || '.' || c.conname,
            pg_get_constraintdef(c.oid) || case when exists (
                select from pg_trigger g where g.tgconstraint = c.oid and g.tgenabled <> 'O')
                then ' (its triggers are disabled)' else '' end
        from tables t join pg_constraint c on c.conrelid = t.oid
        where c.contype in ('c', 'f', 'p', 'u', 'x')
        union all
        select 'index', t.relname || '.' || c.relname,
            pg_get_indexdef(i.indexrelid) || case when i.indisvalid then '' else ' (not valid)' end
        from tables t join pg_index i on i.indrelid = t.oid join pg_class c on c.oid = i.indexrelid
        where not exists (select from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u', 'x'))
        union all
        select 'trigger', t.relname || '.' || g.tgname,
            pg_get_triggerdef(g.oid) || case g.tgenabled when 'O' then '' else ' (not enabled)' end
        from tables t join pg_trigger g on g.tgrelid = t.oid where not g.tgisinternal
        union all
        select 'row security', t.relname, case when t.relrowsecurity then 'enabled' else 'disabled' end from tables t
        union all
        select 'policy', t.relname || '.' || p.polname,
            concat_ws(' ', p.polcmd, case when p.polpermissive then 'permissive' else 'restrictive' end, 'to',
                (select string_agg(r.rolname, ', ' order by r.rolname) from pg_roles r where r.oid = any (p.polroles)),
                'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid))
        from tables t join pg_policy p on p.polrelid = t.oid
        union all
        select 'privileges', t.relname, coalesce(
            (select string_agg(r.rolname || ' ' || lower(a.privilege_type), ', '
                               order by r.rolname, a.privilege_type)
             from aclexplode(t.relacl) a join pg_roles r on r.oid = a.grantee
             where r.rolname in ('runner_service', 'runner_reader')), 'none')
        from tables t
        union all
        select 'view', c.relname, coalesce(array_to_string(c.reloptions, ', '), '') || pg_get_viewdef(c.oid)
        from pg_class c where c.relnamespace = to_regnamespace('runner') and c.relkind = 'v'
        union all
        select 'function', p.proname, pg_get_functiondef(p.oid)
        from pg_proc p where p.pronamespace = to_regnamespace('runner') and p.prokind = 'f'
        """
}
