drop trigger environments_release_ports on runner.environments;
drop function runner.release_ports();
drop table runner.port_leases;
