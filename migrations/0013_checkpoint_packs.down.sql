drop table runner.checkpoint_pack_parts;
drop table runner.checkpoint_packs;
