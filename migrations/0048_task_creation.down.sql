drop function runner.create_task;
