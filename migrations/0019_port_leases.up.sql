-- One row a port: the primary key is what keeps two environments of a host apart.
create table runner.port_leases (
    host           text        not null,
    port           integer     not null,
    environment_id uuid        not null,
    created_at     timestamptz not null default now(),
    constraint port_leases_pkey primary key (host, port),
    constraint port_leases_environment_id_fkey foreign key (environment_id)
        references runner.environments (id) on delete cascade,
    constraint port_leases_host_length check (length(host) between 1 and 255),
    constraint port_leases_port_valid check (port between 1 and 65535)
);

create index port_leases_environment_id_idx on runner.port_leases (environment_id);

-- Whatever ends an environment gives its ports back.
create function runner.release_ports() returns trigger language plpgsql as $$
begin
    delete from runner.port_leases where environment_id = new.id;
    new.ports := '{}';
    return new;
end
$$;

create trigger environments_release_ports before update of status on runner.environments
    for each row when (new.status = 'terminated' and old.status <> 'terminated')
    execute function runner.release_ports();

alter table runner.port_leases enable row level security;

do $$
begin
    if exists (select from pg_roles where rolname = 'runner_service') then
        grant select, insert, update, delete on runner.port_leases to runner_service;
        create policy service_all on runner.port_leases to runner_service using (true) with check (true);
    end if;
    if exists (select from pg_roles where rolname = 'runner_reader') then
        grant select on runner.port_leases to runner_reader;
        create policy reader_select on runner.port_leases for select to runner_reader using (true);
    end if;
end
$$;
