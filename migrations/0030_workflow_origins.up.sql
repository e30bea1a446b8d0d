-- Where the text of a version came from, and when somebody published it; a run freezes versions without publishing.
alter table runner.workflow_versions
    add column origin       text not null default 'file',
    add column published_at timestamptz,
    add constraint workflow_versions_origin_known
        check (origin in ('file', 'user', 'database', 'repository', 'bundled'));

-- What a name means: the version that was published last.
create index workflow_versions_published_at_idx on runner.workflow_versions (workflow_id, published_at desc)
    where published_at is not null;
