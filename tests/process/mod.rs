//! What a worker finds around itself, what minder looks like from outside, and its bad days.
//!
//! Each bad day has its test, and so has each rule of a supervisor; here is which. A test below holds
//! these lists against the tests that there are.
//!
//! | Bad day | Test |
//! |---|---|
//! | SIGTERM ignored | `an_ignored_stop_signal_counts_down_to_the_kill` |
//! | SIGTERM answered by forking | `a_stop_answered_by_forking_leaves_nothing` |
//! | a fork bomb under RLIMIT_NPROC | `a_fork_bomb_is_ended_with_all_that_it_forks` |
//! | double fork and setsid | `a_daemon_that_ran_off_is_gone_after_a_quit` |
//! | the tree of six, each way to end | `of_six_processes_none_survives_a_quit`, `of_six_processes_none_survives_headless`, `of_six_processes_none_survives_a_kill_of_the_supervisor_or_the_guardian` |
//! | a grandchild that keeps stdout | `a_grandchild_that_holds_the_output_is_named_and_delays_nothing` |
//! | stopped when the stop comes | `a_stopped_worker_can_be_terminated` |
//! | traced by strace | `a_traced_worker_is_stopped_too`, `a_traced_process_names_its_tracer` |
//! | state D, where SIGKILL waits | `who_hangs_in_state_d_is_named_and_holds_nothing_up` |
//! | another user's process | `what_belongs_to_another_user_is_named_when_it_cannot_be_ended` |
//! | 1 GB on one line | `a_gigabyte_on_one_line_stays_within_bounds` |
//! | NULs, invalid UTF-8, unterminated escapes | `bytes_that_are_no_text_and_endless_escapes_do_a_pane_no_harm`, `control_sequences_and_bytes_that_are_no_text_do_no_harm` |
//! | stdout closed but alive | `a_worker_that_closes_its_terminal_is_not_hung_up` |
//! | 5,000 exits in a second | `five_thousand_ends_leave_no_zombie` |
//! | EAGAIN at spawn | `without_processes_some_workers_fail_and_the_others_live` |
//! | EMFILE at spawn | `without_descriptors_some_workers_fail_and_the_others_live` |
//! | ENOMEM at spawn | `a_start_for_which_the_kernel_has_no_memory_costs_that_worker_alone`, `where_no_process_can_be_made_it_says_why`, `without_another_byte_of_memory_it_still_starts_and_ends_workers_or_leaves_nothing` |
//! | `cwd` removed | `a_folder_that_vanished_is_named_at_the_restart` |
//! | disk full under the log | `a_full_disk_under_the_oldest_lines_costs_those_alone`, `a_full_disk_under_a_log_file_is_told_and_the_file_goes_on_when_there_is_room` |
//! | `kill -9` of the supervisor, of the guardian, of both | `a_killed_supervisor_leaves_nothing_and_the_terminal_is_whole`, `a_killed_guardian_makes_the_supervisor_stop_everything_in_order`, `both_killed_at_once_take_the_first_processes_with_them` |
//! | the same of a minder that minds a minder | `a_minder_in_a_minder_leaves_nothing_however_the_outer_one_ends` |
//! | `kill -STOP`, `-CONT` of the supervisor | `a_stopped_and_continued_supervisor_goes_on` |
//! | the terminal hangs up | `a_closed_window_ends_everything_without_a_spin` |
//! | a storm of sizes | `a_storm_of_sizes_does_no_harm` |
//! | the wall clock is stepped | `a_stepped_wall_clock_moves_no_grace_no_backoff_and_no_timer_but_crons`, `who_decides_reads_no_wall_clock` |
//! | /proc without other users' entries | `where_proc_hides_others_it_minds_its_own` |
//! | SIGCHLD ignored at the start | `started_with_sigchld_ignored_it_sees_ends` |
//! | signals blocked at the start | `started_with_signals_blocked_it_sees_ends_and_obeys` |
//! | stdin closed | `started_without_descriptors_it_still_minds` |
//! | in a background group | `in_the_background_minder_does_not_touch_the_terminal` |
//! | under nohup | `under_nohup_hang_up_stays_ignored_and_nothing_else` |
//! | under setsid | `under_setsid_it_is_as_everywhere` |
//! | as PID 1 of a PID namespace | `as_the_first_process_of_a_namespace_it_leaves_nothing`, `as_pid_1_it_hands_on_reaps_and_ends_what_is_left` |
//! | the parent is outside of the PID namespace | `a_parent_outside_of_the_pid_namespace_is_no_parent_that_ended` |
//!
//! | Rule | Test |
//! |---|---|
//! | a session of its own, with its terminal or without | `a_worker_leads_a_session_and_a_group_of_its_own_on_its_own_terminal`, `a_worker_with_pipes_leads_a_session_without_a_terminal` |
//! | signal mask and dispositions | `no_signal_is_blocked_or_ignored`, `no_signal_is_blocked_or_ignored_under_the_screen_either` |
//! | stops while children are half born | `stops_and_continues_while_many_workers_start_do_no_harm` |
//! | close-on-exec on everything | `no_descriptor_but_its_own_three_is_open` |
//! | why it could not be started | `five_reasons_have_five_messages`, `what_cannot_be_started_is_told_with_cause_and_mend` |
//! | coalesced SIGCHLD | `fifty_ends_behind_one_sigchld_are_all_seen` |
//! | no signal for a reused pid | `a_pid_that_is_anothers_by_now_gets_nothing`, `a_reused_pid_is_not_the_process_that_was_known` |
//! | orphans are adopted, known and reaped | `an_orphan_is_shown_as_adopted_and_can_be_killed`, `an_orphan_never_seen_before_is_known_by_its_mark_or_its_session` |
//! | zombies and who owes the wait | `zombies_stand_below_the_parent_that_owes_the_wait`, `a_parent_that_never_waits_is_ended_and_its_zombies_are_reaped` |
//! | stopped and continued by somebody else | `a_stop_by_somebody_else_is_seen` |
//! | the grace is not cut by the end of a shell that leads the session | `below_a_shell_on_a_terminal_a_program_has_its_grace` |
//! | CONT after TERM | `a_suspended_worker_is_continued_after_the_stop_signal` |
//! | a kill that has no effect is bounded and told | `who_hangs_in_state_d_is_named_and_holds_nothing_up`, `who_stands_still_in_state_d_is_shown_so`, `what_belongs_to_another_user_is_named_when_it_cannot_be_ended` |
//! | core dumps are told | `exit_codes_and_crashes_are_told_in_words` |
//! | countdown, a second request kills, no restart slips in | `an_ignored_stop_signal_counts_down_to_the_kill`, `a_second_t_kills_at_once`, `no_restart_slips_into_a_stop` |
//! | death of the parent thread | `it_dies_and_the_command_dies_with_it`, `both_killed_at_once_take_the_first_processes_with_them` |
//! | the monotonic clock | `a_stepped_wall_clock_moves_no_grace_no_backoff_and_no_timer_but_crons`, `who_decides_reads_no_wall_clock` |
//! | exit is not EOF | `a_held_output_delays_the_report_by_a_moment_only`, `the_end_is_told_while_a_grandchild_holds_the_output` |
//! | the last bytes before an end | `output_is_complete_to_the_last_byte` |
//! | the order of stdout against stderr | `on_a_terminal_output_and_errors_keep_their_order`, `streams_are_kept_apart_or_merged_in_order` |
//! | bounded lines and memory | `an_endless_line_takes_bounded_memory_and_is_cut` |
//! | one thread hears signals | `one_thread_takes_the_signals_and_all_others_block_them` |
//! | no spin after a hang-up | `a_closed_window_ends_everything_without_a_spin` |
//! | key and signal are one request, counted once | `a_second_request_kills_and_an_echo_does_not`, `a_second_ctrl_c_kills_at_once`, `a_second_signal_from_outside_kills_at_once` |
//! | suspending and coming back | `ctrl_z_gives_the_prompt_back_and_workers_go_on_and_fg_redraws`, `a_window_that_changed_meanwhile_is_drawn_in_its_new_size` |
//! | the terminal whole after a panic, death by the same signal | `a_panic_in_any_thread_restores_the_terminal_and_leaves_nobody`, `a_signal_s_end_stops_a_list_of_commands_in_the_shell` |
//! | the final size reaches every pane | `the_final_size_reaches_the_panes_that_are_not_seen_too` |
//! | exit codes | `exit_codes_say_signals_and_programs_that_cannot_be_started`, `a_command_that_cannot_be_started_is_told_with_the_shells_code` |
//! | as PID 1 | `as_pid_1_it_leaves_no_zombie`, `as_pid_1_it_ends_as_the_command_does` |

mod bad_days;
mod limits;
mod runaways;
mod stress;
mod surroundings;
mod threads;
mod uninterruptible;
mod wall_clock;
mod without_pidfds;

/// The names in backticks in the last column of the lists above.
fn promised() -> Vec<&'static str> {
    let rows = include_str!("mod.rs").lines().filter_map(|line| line.strip_prefix("//! | "));
    let tests = rows.filter_map(|row| row.rsplit_once(" | ").map(|(_, tests)| tests));
    tests.flat_map(|tests| tests.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn each_bad_day_and_each_rule_has_its_test() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text += &std::fs::read_to_string(path).expect("it is text");
            }
        }
    }
    let promised = promised();
    assert!(promised.len() > 70, "{promised:?}");
    let missing: Vec<_> =
        promised.into_iter().filter(|name| !text.contains(&format!("fn {name}() {{"))).collect();
    assert!(missing.is_empty(), "no such tests: {missing:#?}");
}
