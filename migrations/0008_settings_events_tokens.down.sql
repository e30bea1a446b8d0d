drop table runner.api_tokens;
drop table runner.events;
drop function runner.refuse_event_change();
drop table runner.settings;
