drop index runner.workflow_versions_published_at_idx;
alter table runner.workflow_versions
    drop constraint workflow_versions_origin_known,
    drop column published_at,
    drop column origin;
