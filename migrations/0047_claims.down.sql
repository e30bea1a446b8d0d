drop function runner.take_queued;
drop function runner.take_run;
