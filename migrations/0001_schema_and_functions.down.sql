drop function runner.is_object_name(text);
drop function runner.touch_updated_at();
drop table runner.schema_migrations;

do $$
begin
    drop schema runner;
exception when insufficient_privilege then
    raise notice 'schema "runner" stays: it belongs to another user';
end
$$;
