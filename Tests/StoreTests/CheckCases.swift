/// One row for each check of the schema that breaks it and nothing else, and a good row for each table.
///
/// The first line of a table is the good row, the others change some of its columns. A value is an SQL expression;
/// ids of rows that are there already begin with a colon.
enum CheckCases {
    struct Case: Sendable, CustomStringConvertible {
        let table: String
        /// Nil for the good row.
        let constraint: String?
        let columns: [String: String]

        var description: String { "\(table) \(constraint ?? "good row")" }

        var insert: String {
            let columns = columns.sorted { $0.key < $1.key }
            return
                "insert into runner.\(table) (\(columns.map(\.key).joined(separator: ", "))) overriding system value "
                + "values (\(columns.map(\.value).joined(separator: ", ")))"
        }
    }

    static let all: [Case] = {
        var cases: [Case] = []
        var table = ""
        var good: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "|", maxSplits: 1).map { $0.trimmingPrefix(" ") }
            let name = parts[0].split(separator: " ").joined()
            let columns = columns(String(parts[1]))
            if line.hasPrefix(" ") {
                cases.append(Case(table: table, constraint: "\(table)_\(name)", columns: good.merging(columns) { $1 }))
            } else {
                (table, good) = (name, columns)
                cases.append(Case(table: table, constraint: nil, columns: good))
            }
        }
        return cases
    }()

    private static func columns(_ text: String) -> [String: String] {
        var columns: [String: String] = [:]
        for part in text.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmingPrefix(" ") }
            columns[pair[0].split(separator: " ").joined()] = String(pair[1])
        }
        return columns
    }

    private static let text = """
        schema_migrations | version=99; name='x'; checksum=repeat('a', 64); duration_ms=1
         checksum_is_sha256 | checksum=repeat('A', 64)
         duration_not_negative | duration_ms=-1
         version_positive | version=0
        projects | name='x'
         default_agents_object | default_agents='[]'
         environment_settings_object | environment_settings='3'
         name_length | name=''
        repositories | name='x'; url='https://e/a/b'; identity='e/a/b'; host='e'; owner='a'
         default_branch_length | default_branch=''
         identity_length | identity=''
         name_length | name=repeat('x', 201)
         settings_object | settings='null'
         status_known | status='gone'
         url_length | url=''
         url_without_password | url='https://me:secret@example.com/a/b'
        workflows | name='x'
         name_length | name=''
         status_known | status='running'
         tags_not_null | tags=array['a', null]
        workflow_versions | workflow_id=:workflow; version=9; source='s'; definition='{}'; \
          checksum=repeat('b', 64); author=''
         checksum_is_sha256 | checksum='b'
         definition_object | definition='[]'
         origin_known | origin='mars'
         version_positive | version=0
        agents | name='x'; type='custom'; adapter='command'
         adapter_length | adapter=''
         configuration_object | configuration='[]'
         name_length | name=''
         type_known | type='wizard'
        tasks | repository_id=:repository; title='t'; prompt='p'
         completed_when_terminal | status='completed'
         labels_not_null | labels=array['a', null]
         metadata_object | metadata='[]'
         number_positive | number=0
         prompt_length | prompt=''
         source_known | source='rumour'
         started_when_running | status='running'
         status_known | status='lost'
         times_in_order | status='failed'; started_at=now(); completed_at=now() - interval '1 s'
         title_length | title=''
         type_length | type=''
        environments | repository_id=:repository; task_id=:task; host='h'; worktree_path='/w'; branch='b'; \
          base_commit=repeat('a', 40)
         base_commit_name | base_commit='HEAD'
         branch_length | branch=''
         deadline_when_idle | status='idle'
         head_commit_name | head_commit=repeat('A', 40)
         host_length | host=''
         metadata_object | metadata='[]'
         ports_valid | ports=array[0]
         retention_not_negative | retention=interval '-1 s'
         snapshot_ref_full | snapshot_ref='main'
         status_known | status='lost'
         worktree_path_absolute | worktree_path='w'
         admin_name_length | admin_name=''
         lock_reason_with_lock | lock_reason='r'
         removal_known | removal='lost'
         sizes_not_negative | size_bytes=-1
         trash_path_absolute | trash_path='t'
         trashed_has_path | removal='trashed'
        snapshots | repository_id=:repository; task_id=:task; host='h'; number=1; ref='refs/s/1'; \
          expires_after=now()
         commit_name | commit='HEAD'
         host_length | host=''
         not_saved_array | not_saved='{}'
         number_positive | number=0
         reason_known | reason='mood'
         ref_full | ref='main'
         sizes_not_negative | bytes=-1
        sessions | kind='cli'; user_name='u'; host='h'; boot_id='b'; process_id=1; process_start=1; version='1'
         slots_positive | slots=0
         host_length | host=''
         kind_known | kind='tab'
         lease_while_active | active=false; lease_until=now()
         metadata_object | metadata='[]'
         process_id_positive | process_id=0
         process_start_not_negative | process_start=-1
        runs | task_id=:task; number=9; workflow_version_id=:version; status='completed'; finished_at=now()
         host_length | host=''
         waiter_when_waiting | waiter_session_id=:session
         context_object | context='[]'
         fence_not_negative | fence=-1
         fenced_when_running | status='running'; finished_at=null; started_at=now(); owner_session_id=:session
         finished_when_terminal | finished_at=null
         number_positive | number=0
         owner_when_running | owner_session_id=:session
         started_when_running | status='running'; finished_at=null; fence=1; owner_session_id=:session
         status_known | status='lost'; finished_at=null
         takeovers_not_negative | takeovers=-1
         times_in_order | started_at=now() + interval '1 s'
        steps | run_id=:run; position=9; key='k'; kind='run'
         earlier_attempts_not_negative | earlier_attempts=-1
         finished_when_terminal | status='succeeded'
         iteration_not_negative | iteration=-1
         key_length | key=''
         kind_known | kind='dance'
         position_not_negative | position=-1
         started_when_running | status='running'
         status_known | status='lost'
         times_in_order | status='failed'; started_at=now(); finished_at=now() - interval '1 s'
        step_attempts | step_id=:step; number=9; fence=1; status='succeeded'; finished_at=now(); duration_ms=1
         branch_before_name | branch_before='x'
         failure_class_known | failure_class='x'
         changes_not_negative | insertions=-1
         commit_after_name | commit_after='HEAD'
         commit_before_name | commit_before='HEAD'
         cost_not_negative | cost_usd=-0.01
         duration_not_negative | duration_ms=-1
         duration_when_terminal | duration_ms=null
         exit_code_range | exit_code=256
         exit_or_signal | exit_code=1; signal=9
         fence_not_negative | fence=-1
         finished_when_terminal | finished_at=null
         input_object | input='[]'
         log_object | log='[]'
         number_positive | number=0
         output_bytes_not_negative | output_bytes=-1
         output_object | output='[]'
         output_sha256_length | output_sha256='abc'
         signal_range | signal=0
         status_known | status='lost'
         stop_object | stop='[]'
         times_in_order | started_at=now() + interval '1 s'
         tokens_not_negative | input_tokens=-1; output_tokens=0; cache_read_tokens=0; cache_write_tokens=0
         tokens_together | input_tokens=1
        tool_executions | attempt_id=:attempt; position=0; call_id='c'; name='Bash'; status='running'; started_at=now()
         completed_when_ended | status='succeeded'
         name_length | name=''
         position_not_negative | position=-1
         status_known | status='lost'; completed_at=now()
         times_in_order | status='failed'; completed_at=now() - interval '1 s'
        step_logs | attempt_id=:attempt; stream='stdout'; byte_offset=0; bytes='x'
         chunk_size | bytes=convert_to(repeat('x', 65537), 'UTF8')
         offset_not_negative | byte_offset=-1
         stream_known | stream='stdin'
        checkpoint_packs | run_id=:run; attempt_id=:attempt; fence=1; base_commit=repeat('a', 40); \
          head_commit=repeat('a', 40); size_bytes=0; sha256=sha256('x')
         base_commit_name | base_commit='x'
         fence_not_negative | fence=-1
         head_commit_name | head_commit='x'
         known_when_kept | state='too_large'
         refs_object | refs='[]'
         sha256_length | sha256='x'
         size_not_negative | size_bytes=-1
         state_known | state='lost'
        checkpoint_pack_parts | pack_id=:pack; position=0; bytes='x'
         part_size | bytes=''
         position_not_negative | position=-1
        agent_attempts | attempt_id=:attempt
         account_length | account=''
         baseline_object | baseline='[]'
         counts_not_negative | retries=-1
         totals_object | totals='[]'
        usage_entries | attempt_id=:attempt; model='m'; input_tokens=0; output_tokens=0; cache_read_tokens=0; \
          cache_write_tokens=0; source='unpriced'
         cost_not_negative | source='agent'; cost_usd=-1
         cost_when_priced | cost_usd=1
         model_length | model=''
         price_when_applied | price='{}'
         source_known | source='rumour'; cost_usd=1
         tokens_not_negative | output_tokens=-1
        agent_circuits | account='a'; agent='a'; open_until=now()
         account_length | account=''
        port_leases | host='h'; port=1; environment_id=:environment
         host_length | host=''
         port_valid | port=65536
        artifacts | task_id=:task; name='a'; version=1; kind='text'; media_type='text/plain'; size_bytes=1; \
          sha256=sha256('x'); content='x'
         bytes_in_one_place | location='/x'
         kind_known | kind='gas'
         media_type_length | media_type=''
         name_length | name=''
         sha256_length | sha256='x'
         size_not_negative | size_bytes=-1; content=null; location='/x'
         size_of_content | size_bytes=2
         version_positive | version=0
        approvals | step_id=:step
         choice_positive | choice=0
         commit_name | commit_id='x'
         message_length | message=repeat('x', 1048577)
         outputs_sha256_length | outputs_sha256='\\x00'
         tree_name | tree_id='x'
         decided_by_someone | status='approved'; decided_at=now()
         decided_when_not_pending | status='expired'
         status_known | status='lost'; decided_at=now()
         times_in_order | expires_at=now() - interval '1 s'
        run_waits | run_id=:run; task_id=:task
         rule_known | rule='perhaps'
        batches | prompt='p'
         finished_when_terminal | status='failed'
         mode_known | mode='chaos'
         plan_object | plan='[]'
         prompt_length | prompt=''
         started_when_processing | status='processing'
         status_known | status='lost'
         times_in_order | status='failed'; started_at=now(); finished_at=now() - interval '1 s'
         totals_add_up | completed_tasks=1
         width_range | width=0
        batch_tasks | batch_id=:batch; sequence=9
         changes_applied_array | changes_applied='{}'
         finished_when_terminal | status='skipped'
         original_state_object | original_state='[]'
         refined_state_object | refined_state='[]'
         sequence_not_negative | sequence=-1
         status_known | status='lost'
        settings | key='k'; type='string'; value='"v"'
         key_form | key='K'
         secret_is_sealed | secret=true
         type_known | type='date'
         value_of_type | value='1'
        events | kind='a.b'
         kind_dotted | kind='started'
        api_tokens | name='n'; token_hash=sha256('x')
         expires_after_creation | expires_at=now() - interval '1 s'
         name_length | name=''
         scopes_not_null | scopes=array[null]
         token_hash_is_sha256 | token_hash='x'
        """
}
