//! Keys that mean nothing to what a worker is there for.

use super::{parse, summary};

fn warnings(text: &str) -> Vec<String> {
    let config = parse(text).unwrap_or_else(|errors| panic!("{text}\n{errors}"));
    config.warnings.iter().map(summary).collect()
}

#[test]
fn a_key_that_means_nothing_to_what_is_watched_is_told_with_its_place() {
    let told = warnings("[worker.a]\npid = 7\nrestart = 'always'\nstop = 'INT'\n[worker.a.env]\nX = '1'");
    assert_eq!(
        told,
        [
            "3:1 `restart` means nothing to a process that minder does not start | does nothing | leave it out",
            "5:11 `env` means nothing to a process that minder does not start | does nothing | leave it out",
        ]
    );
}

#[test]
fn a_key_that_means_nothing_to_files_that_are_followed_is_told_with_its_place() {
    // A follower that failed is started again as any thread is.
    let told = warnings(
        "[worker.a]\nnice = 3\ntail = '/x.log'\nrestart = 'on-failure'\nrunaway = { output = '1M' }",
    );
    assert_eq!(told, ["2:1 `nice` means nothing to files that are followed | does nothing | leave it out"]);
}

#[test]
fn what_all_workers_share_is_for_those_that_it_is_for() {
    let all =
        "[defaults]\nrestart = 'always'\numask = '022'\n[worker.a]\npgrep = 'x'\n[worker.b]\ntail = '/x'\n";
    assert_eq!(warnings(&format!("{all}[worker.c]\ncmd = 'x'\nnice = 1\ncwd = '/'")), [""; 0]);
}
