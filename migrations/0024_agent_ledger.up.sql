-- What is kept of an agent beside its attempt. Raw figures only: sums are made when somebody asks.
create table runner.agent_attempts (
    attempt_id      uuid        not null,
    -- The agent and a fingerprint of the credential it ran with; never the credential.
    account         text,
    -- The session that was gone on with, and what it had used before.
    resumed_session text,
    baseline        jsonb,
    -- What the agent's session has used so far: the baseline of whoever goes on with it.
    totals          jsonb,
    -- What its decoder was shown of the files that it left: with the output, all that the figures were made from.
    reports         text,
    turns           integer,
    retries         integer     not null default 0,
    -- Version of the price table.
    prices          text,
    created_at      timestamptz not null default now(),
    constraint agent_attempts_pkey primary key (attempt_id),
    constraint agent_attempts_attempt_id_fkey foreign key (attempt_id)
        references runner.step_attempts (id) on delete cascade,
    constraint agent_attempts_account_length check (length(account) between 1 and 200),
    constraint agent_attempts_baseline_object check (jsonb_typeof(baseline) = 'object'),
    constraint agent_attempts_totals_object check (jsonb_typeof(totals) = 'object'),
    constraint agent_attempts_counts_not_negative check (turns >= 0 and retries >= 0)
);

-- One row a model.
create table runner.usage_entries (
    attempt_id         uuid        not null,
    model              text        not null,
    input_tokens       bigint      not null,
    output_tokens      bigint      not null,
    cache_read_tokens  bigint      not null,
    cache_write_tokens bigint      not null,
    cost_usd           numeric,
    source             text        not null,
    -- US dollars for a million tokens of each kind, as they were applied.
    price              jsonb,
    created_at         timestamptz not null default now(),
    constraint usage_entries_pkey primary key (attempt_id, model),
    constraint usage_entries_attempt_id_fkey foreign key (attempt_id)
        references runner.step_attempts (id) on delete cascade,
    constraint usage_entries_model_length check (length(model) between 1 and 200),
    constraint usage_entries_tokens_not_negative
        check (input_tokens >= 0 and output_tokens >= 0 and cache_read_tokens >= 0 and cache_write_tokens >= 0),
    constraint usage_entries_cost_not_negative check (cost_usd >= 0 and cost_usd < 'infinity'),
    constraint usage_entries_source_known check (source in ('agent', 'table', 'unpriced')),
    constraint usage_entries_cost_when_priced check ((source = 'unpriced') = (cost_usd is null)),
    constraint usage_entries_price_when_applied check ((source = 'table') = (price is not null))
);

-- An account that reached a limit: no step is begun with it before the limit is over.
create table runner.agent_circuits (
    account    text        not null,
    agent      text        not null,
    open_until timestamptz not null,
    reason     text        not null default '',
    created_at timestamptz not null default now(),
    constraint agent_circuits_pkey primary key (account),
    constraint agent_circuits_account_length check (length(account) between 1 and 200)
);

alter table runner.agent_attempts enable row level security;
alter table runner.usage_entries enable row level security;
alter table runner.agent_circuits enable row level security;

do $$
declare
    name text;
begin
    foreach name in array array['agent_attempts', 'usage_entries', 'agent_circuits'] loop
        if exists (select from pg_roles where rolname = 'runner_service') then
            execute format('grant select, insert, update, delete on runner.%I to runner_service', name);
            execute format('create policy service_all on runner.%I to runner_service using (true) with check (true)', name);
        end if;
        if exists (select from pg_roles where rolname = 'runner_reader') then
            execute format('grant select on runner.%I to runner_reader', name);
            execute format('create policy reader_select on runner.%I for select to runner_reader using (true)', name);
        end if;
    end loop;
end
$$;
