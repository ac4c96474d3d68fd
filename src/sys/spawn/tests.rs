//! Real processes, started and looked at.

use super::*;
use crate::status::ExitStatus;
use crate::sys::process;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;

struct Ran {
    status: ExitStatus,
    output: String,
}

fn words(argv: &[&str]) -> Vec<OsString> {
    argv.iter().map(OsString::from).collect()
}

/// Runs a program to its end with its output in a pipe.
fn run(argv: &[&str], change: impl FnOnce(&mut Launch<'_>)) -> Result<Ran, SpawnError> {
    let null = File::open("/dev/null").unwrap();
    let (reader, writer) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).unwrap();
    let argv = words(argv);
    let environment = vec![("PATH".into(), std::env::var_os("PATH").unwrap())];
    let mut launch = Launch {
        argv: &argv,
        environment: &environment,
        cwd: None,
        standard: [null.as_fd(), writer.as_fd(), writer.as_fd()],
        terminal: None,
        cgroup: None,
        umask: None,
        nice: None,
        limits: &[],
        keep_ignored: &[],
        session: true,
        inherit: false,
    };
    change(&mut launch);
    let child = Spawner::new().unwrap().spawn(&launch)?;
    drop(writer);
    let mut output = String::new();
    File::from(reader).read_to_string(&mut output).unwrap();
    child.await_end(std::time::Duration::from_mins(1));
    let seen = child.change().unwrap();
    let status = child.reap().unwrap().expect("it ended");
    assert_eq!(seen, Some(process::Change::Ended(status)), "looking does not reap");
    assert_eq!(child.reap(), Err(Errno::ECHILD));
    Ok(Ran { status, output })
}

fn explain(argv: &[&str]) -> (i32, String) {
    loop {
        let error = run(argv, |_| {}).err().expect("it cannot be started");
        // Another test's half-born child still has the file open for writing that was just written.
        if error.errno != Errno::ETXTBSY {
            return (error.code(), error.explain());
        }
    }
}

#[test]
fn both_kinds_of_end_are_told_apart() {
    assert_eq!(run(&["sh", "-c", "exit 3"], |_| {}).unwrap().status, ExitStatus::Exited(3));
    let killed = run(&["sh", "-c", "ulimit -c 0; kill -SEGV $$"], |_| {}).unwrap().status;
    assert_eq!(killed, ExitStatus::Signaled { signal: Signal::SEGV, core: false });
    let realtime = run(&["sh", "-c", "kill -40 $$"], |_| {}).unwrap().status;
    assert_eq!(realtime.to_string(), "SIGRTMIN+6 (40)");
}

#[test]
fn a_child_has_a_clean_mask_and_default_dispositions() {
    let ran = run(&["grep", "Sig", "/proc/self/status"], |_| {}).unwrap();
    let field = |name: &str| {
        let line = ran.output.lines().find(|line| line.starts_with(name)).expect(name);
        u64::from_str_radix(line.rsplit('\t').next().unwrap(), 16).unwrap()
    };
    let glibcs_own = 0b11 << 31;
    assert_eq!(field("SigBlk") & !glibcs_own, 0);
    assert_eq!(field("SigIgn") & !glibcs_own, 0, "SIGPIPE is ignored in Rust programs, and not here");
}

#[test]
fn what_nohup_ignored_stays_ignored() {
    let ran = run(&["grep", "SigIgn", "/proc/self/status"], |launch| {
        launch.keep_ignored = &[Signal::HUP];
    })
    .unwrap();
    let ignored = u64::from_str_radix(ran.output.trim().rsplit('\t').next().unwrap(), 16).unwrap();
    assert_eq!(ignored & 1, 1);
}

#[test]
fn no_descriptor_of_ours_is_inherited() {
    // Without close-on-exec on purpose: as if minder's own starter had leaked it.
    let leaked = nix::unistd::dup(File::open("/dev/null").unwrap()).unwrap();
    let ran = run(&["ls", "/proc/self/fd"], |_| {}).unwrap();
    drop(leaked);
    // 3 is the folder that ls itself has open.
    assert_eq!(ran.output.split_whitespace().collect::<Vec<_>>(), ["0", "1", "2", "3"]);
}

#[test]
fn a_child_leads_its_session_and_group() {
    let ran = run(&["sh", "-c", "cut -d' ' -f1,5,6 /proc/$$/stat"], |_| {}).unwrap();
    let numbers: Vec<_> = ran.output.split_whitespace().collect();
    assert_eq!(numbers[0], numbers[1]);
    assert_eq!(numbers[0], numbers[2]);
}

#[test]
fn settings_reach_the_child() {
    const LIMITS: &[Limit] =
        &[Limit { resource: crate::spec::Resource::Nofile, soft: Some(77), hard: Some(99) }];
    let ran = run(&["sh", "-c", "umask; pwd; ulimit -Sn; ulimit -Hn; nice"], |launch| {
        launch.umask = Some(0o027);
        launch.cwd = Some(Path::new("/usr"));
        launch.limits = LIMITS;
        launch.nice = Some(3);
    })
    .unwrap();
    let expected = ["0027", "/usr", "77", "99", &(own_niceness() + 3).to_string()];
    assert_eq!(ran.output.split_whitespace().collect::<Vec<_>>(), expected);
}

#[test]
fn five_reasons_have_five_messages() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (code, text) = explain(&["greq"]);
    assert!(
        code == 127 && text.contains("not found in PATH") && text.contains("did you mean `gre"),
        "{text}"
    );
    let (code, text) = explain(&["./nowhere/x"]);
    assert!(code == 127 && text.ends_with("no such file"), "{text}");
    let (code, text) = explain(&[&file("shebang", "#!/no/such/python3 -u\n", 0o755)]);
    assert!(code == 127 && text.contains("interpreter `/no/such/python3`"), "{text}");
    let (code, text) = explain(&[&file("plain", "echo hi\n", 0o644)]);
    assert!(code == 126 && text.contains("chmod +x"), "{text}");
    let (code, text) = explain(&[&file("text", "echo hi\n", 0o755)]);
    assert!(code == 126 && text.contains("#!/bin/sh"), "{text}");
    let (code, text) = explain(&[folder.path().to_str().unwrap()]);
    assert!(code == 126 && text.contains("is a folder"), "{text}");
    let (code, text) = explain(&["true", &"x".repeat(300_000)]);
    assert!(code == 126 && text.contains("E2BIG"), "{text}");
}

#[test]
fn a_missing_folder_is_not_a_missing_program() {
    let error = run(&["true"], |launch| launch.cwd = Some(Path::new("/usr/no/such"))).err().unwrap();
    assert_eq!((error.stage, error.errno, error.code()), (Stage::Folder, Errno::ENOENT, 125));
    assert!(error.explain().contains("`/usr/no/such` does not exist (`/usr` does)"), "{}", error.explain());
}

#[test]
fn a_failed_start_leaves_no_process() {
    let before = process::children();
    let _ = explain(&["/no/such/program"]);
    // Other tests start children of their own meanwhile: none may be a zombie for good, and the
    // failed one was reaped before the error was returned.
    assert!(process::children().iter().filter(|pid| !before.contains(pid)).count() < 64);
}
