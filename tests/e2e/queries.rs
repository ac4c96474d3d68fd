//! What programs ask of their terminal is answered, so that none waits for ever; and keys reach them as
//! they asked for.

use super::named;
use crate::support::{DEADLINE, Key, Terminal, installed, minder, poll_until};

/// Asks one thing after the other as programs do, in raw mode, and tells what came within ten seconds.
const ASK: &str = r#"
stty raw -echo min 0 time 100
ask() {
    printf "$2"
    answer=$(dd bs=256 count=1 2>/dev/null | cat -v)
    printf '%s=%s.\r\n' "$1" "$answer"
}
ask DA1 '\033[c'
ask DA2 '\033[>c'
ask DA3 '\033[=c'
ask DSR '\033[5n'
ask CPR '\0337\033[4;7H\033[6n\0338'
ask DECXCPR '\0337\033[5;9H\033[?6n\0338'
ask fore '\033]10;?\033\\'
ask back '\033]11;?\007'
ask red '\033]4;1;?\007'
ask pixels '\033[14t'
ask cell '\033[16t'
ask area '\033[18t'
ask paste '\033[?2004$p'
ask focus '\033[?1004h\033[?1004$p'
ask sync '\033[?2026$p'
ask keys '\033[?u\033[c'
stty sane
echo "kernel=$(stty size)."
echo all an''swered
exec sleep 1000
"#;

#[test]
fn whatever_a_program_asks_of_its_terminal_is_answered() {
    let terminal = minder().size(100, 40).file("ask.sh", ASK).run(["alpha=exec sh ask.sh"]).start();
    terminal.wait_for("all answered");
    let screen = terminal.screen();
    let told = |what: &str| {
        let rows = screen.rows();
        let rest = rows.iter().find_map(|row| Some(row.text.split_once(&format!("{what}="))?.1.to_owned()));
        let rest = rest.unwrap_or_else(|| panic!("{what} is not there:\n{screen}"));
        rest.split_once('.').map_or(rest.clone(), |(answer, _)| answer.to_owned())
    };
    for (what, answer) in [
        ("DA1", "^[[?62;22c"),
        ("DA2", "^[[>1;300;0c"),
        ("DA3", r"^[P!|00000000^[\"),
        ("DSR", "^[[0n"),
        ("CPR", "^[[4;7R"),
        ("DECXCPR", "^[[?5;9R"),
        ("fore", r"^[]10;rgb:e5e5/e5e5/e5e5^[\"),
        ("back", "^[]11;rgb:0000/0000/0000^G"),
        ("red", "^[]4;1;rgb:cdcd/0000/0000^G"),
        ("cell", "^[[6;16;8t"),
        ("paste", "^[[?2004;2$y"),
        ("focus", "^[[?1004;1$y"),
        ("sync", "^[[?2026;2$y"),
        // On a terminal without the kitty keyboard protocol that query is silent.
        ("keys", "^[[?62;22c"),
    ] {
        assert_eq!(told(what), answer, "{what}\n{screen}");
    }
    // One size, by three ways.
    let (rows, columns) = told("kernel").split_once(' ').map(|(r, c)| (r.to_owned(), c.to_owned())).unwrap();
    assert_eq!(told("area"), format!("^[[8;{rows};{columns}t"));
    let pixels = |count: &str, size: u32| count.parse::<u32>().expect("a number") * size;
    assert_eq!(told("pixels"), format!("^[[4;{};{}t", pixels(&rows, 16), pixels(&columns, 8)));
    terminal.quit();
}

/// A worker that wants these modes and shows the keys that it gets.
fn shows_keys(modes: &str) -> String {
    named("alpha", &format!("stty raw -echo; printf '{modes}'; echo ar''med; exec cat -v"))
}

/// Waits until the terminal got these bytes; says where they end.
fn wait_written(terminal: &Terminal, bytes: &[u8], from: usize) -> usize {
    let found = poll_until(DEADLINE, || {
        let transcript = terminal.transcript();
        let at = transcript[from..].windows(bytes.len()).position(|window| window == bytes)?;
        Some(from + at + bytes.len())
    });
    found.unwrap_or_else(|| panic!("{} was not written\n{}", bytes.escape_ascii(), terminal.screen()))
}

#[test]
fn focus_is_told_to_who_asked() {
    let terminal = minder().run([&shows_keys(r"\033[?1004h")]).start();
    terminal.wait_armed();
    terminal.key(Key::Enter);
    terminal.wait_for("ctrl-]");
    terminal.send("\x1b[O\x1b[I");
    terminal.wait_for("^[[O^[[I");
    terminal.key(Key::Ctrl(']'));
    terminal.wait_without("ctrl-]");
    terminal.quit();
}

#[test]
fn a_worker_s_kitty_keys_are_asked_for_while_it_has_the_keyboard() {
    let wants = shows_keys(r"\033[>1u\033[?u");
    // By the terminal's name, and where that does not tell.
    for (name, value) in [("TERM", "xterm-kitty"), ("MINDER_KITTY", "on")] {
        let terminal = minder().env(name, value).run([&wants]).start();
        terminal.wait_armed();
        let before = terminal.transcript();
        assert!(!before.windows(5).any(|window| window == b"\x1b[>1u"), "asked for before it is needed");

        terminal.key(Key::Enter);
        let asked = wait_written(&terminal, b"\x1b[>1u", 0);
        // Escape, Ctrl-I and Shift-Enter, as such a terminal sends them.
        terminal.send("\x1b[27u\x1b[105;5u\x1b[13;2u.");
        terminal.wait_for("^[[27u^[[105;5u^[[13;2u.");
        // Ctrl-], too.
        terminal.send("\x1b[93;5u");
        wait_written(&terminal, b"\x1b[<u", asked);
        terminal.wait_without("ctrl-]");
        terminal.quit();
    }
}

#[test]
fn a_word_about_kitty_keys_that_is_none_is_refused_before_anything_starts() {
    let mut refused = minder().env("MINDER_KITTY", "yes").run([&shows_keys("")]).start();
    refused.wait_for("MINDER_KITTY=yes: set it to `on`");
    assert_eq!(refused.wait_exit().code(), Some(2));
    refused.expect_nothing_left();
}

#[test]
fn kitty_keys_are_taken_back_on_the_way_out_and_by_the_guardian() {
    let wants = shows_keys(r"\033[>1u");
    let mut terminal = minder().env("TERM", "xterm-kitty").run([&wants]).start();
    terminal.wait_armed();
    terminal.key(Key::Enter);
    let asked = wait_written(&terminal, b"\x1b[>1u", 0);
    terminal.signal(nix::sys::signal::Signal::SIGTERM);
    terminal.wait_exit();
    let taken_back = wait_written(&terminal, b"\x1b[<u", asked);
    wait_written(&terminal, b"\x1b[?1049l", taken_back);
    terminal.expect_restored();

    let mut terminal = minder().env("TERM", "xterm-kitty").run([&wants]).start();
    terminal.wait_armed();
    terminal.key(Key::Enter);
    let asked = wait_written(&terminal, b"\x1b[>1u", 0);
    let supervisor = nix::unistd::Pid::from_raw(terminal.supervisor());
    nix::sys::signal::kill(supervisor, nix::sys::signal::Signal::SIGKILL).unwrap();
    terminal.wait_exit();
    let taken_back = wait_written(&terminal, b"\x1b[<u", asked);
    wait_written(&terminal, b"\x1b[?1049l", taken_back);
    terminal.expect_nothing_left();
}

#[test]
fn fzf_chooses_a_line_in_a_pane() {
    if !installed("fzf") {
        return;
    }
    for full in ["", "--height=40%"] {
        let line = format!("seq -f 'line-%g' 1 500 | fzf {full} > chosen; exit $(wc -l < chosen)");
        let launch = minder().run([&named("alpha", &line)]);
        let chosen = launch.path("chosen");
        let terminal = launch.start();
        terminal.wait_for("500/500");
        terminal.wait_listed("alpha", "running");
        terminal.key(Key::Enter);
        terminal.send("line-77");
        terminal.wait_for("5/500");
        terminal.key(Key::Enter);
        terminal.wait_listed("alpha", "exit 1");
        assert_eq!(std::fs::read_to_string(chosen).ok().as_deref(), Some("line-77\n"));
        terminal.key(Key::Ctrl(']'));
        terminal.quit();
    }
}
