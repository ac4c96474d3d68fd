//! The words of real command lines, and what they mean.

use super::*;

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(Into::into).collect()
}

fn asked(line: &str, variables: &[(&str, &str)]) -> Result<Asked, Mistake> {
    read(words(line), |name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
    })
}

fn options(line: &str, variables: &[(&str, &str)]) -> Options {
    match asked(line, variables) {
        Ok(Asked::Run(options)) => options,
        other => panic!("{line}: {other:?}"),
    }
}

fn rules(texts: &[&str]) -> Rewrites {
    Rewrites(texts.iter().map(|text| text.parse().unwrap()).collect())
}

#[test]
fn options_end_at_the_first_word_that_is_none() {
    let table = [
        ("true", "true"),
        ("-- true", "true"),
        ("-v true -c --rewrite", "true -c --rewrite"),
        ("-v -- -c", "-c"),
        ("-- -- x", "-- x"),
        ("- x", "- x"),
        ("nginx -- -g x", "nginx -- -g x"),
        ("-s -g -- sh -c true", "sh -c true"),
    ];
    for (line, argv) in table {
        assert_eq!(options(line, &[]).argv, words(argv), "{line}");
    }
}

#[test]
fn every_way_to_write_an_option_is_understood() {
    let plain = || Options::new(words("x"));
    let single = || plain().single_child(true, false);
    let rewritten = |texts: &[&str]| Options { rewrites: rules(texts), ..plain() };
    let table = [
        ("x", plain()),
        ("-c x", single()),
        ("--single-child x", single()),
        ("-v x", Options { verbose: true, ..plain() }),
        ("-vvv x", Options { verbose: true, ..plain() }),
        ("--verbose x", Options { verbose: true, ..plain() }),
        ("-vc x", Options { verbose: true, ..single() }),
        ("-cg x", plain().single_child(true, true)),
        ("-g x", plain()),
        ("-s x", Options { subreaper: true, ..plain() }),
        ("-w x", Options { warn: true, ..plain() }),
        ("-r 15:3 x", rewritten(&["15:3"])),
        ("-r15:3 x", rewritten(&["15:3"])),
        ("--rewrite=15:3 x", rewritten(&["15:3"])),
        ("--rewrite 15:3 x", rewritten(&["15:3"])),
        ("-r TERM:SIGQUIT -r hup:0 x", rewritten(&["15:3", "1:0"])),
        ("-vr 15:0 x", Options { verbose: true, ..rewritten(&["15:0"]) }),
        ("-p SIGTERM x", Options { parent_death: Some(Signal::TERM), ..plain() }),
        ("-pKILL x", Options { parent_death: Some(Signal::KILL), ..plain() }),
        ("-e 143 -e 0 x", Options { well: vec![143, 0], ..plain() }),
        ("-wsge143 x", Options { warn: true, subreaper: true, well: vec![143], ..plain() }),
    ];
    for (line, wanted) in table {
        assert_eq!(options(line, &[]), wanted, "{line}");
    }
}

#[test]
fn help_and_version_come_before_everything_after_them() {
    for line in ["-h", "--help", "-vh", "--help x", "-c -h --nonsense"] {
        assert_eq!(asked(line, &[]), Ok(Asked::Help), "{line}");
    }
    for line in ["-V", "--version", "-vV", "--version --nonsense"] {
        assert_eq!(asked(line, &[]), Ok(Asked::Version), "{line}");
    }
}

#[test]
fn what_cannot_be_meant_is_named() {
    let table = [
        ("", "there is no command"),
        ("-v", "there is no command"),
        ("-v --", "there is no command"),
        ("-x true", "no option `-x`"),
        ("-vx true", "no option `-x`"),
        ("--rewrit 1:2 true", "no option `--rewrit`"),
        ("--verbose=1 true", "`--verbose` takes no value"),
        ("-r", "`-r` needs a value"),
        ("--rewrite", "`--rewrite` needs a value"),
        ("-r 15 true", "`15` is no rewrite"),
        ("-r 15:65 true", "`15:65` is no rewrite"),
        ("-r 0:15 true", "`0:15` is no rewrite"),
        ("-r 15:3:2 true", "`15:3:2` is no rewrite"),
        ("-p NONE true", "`NONE` is no signal"),
        ("-e 256 true", "`256` is no exit code"),
        ("-e -1 true", "`-1` is no exit code"),
    ];
    for (line, said) in table {
        let mistake = asked(line, &[]).unwrap_err().to_string();
        assert!(mistake.contains(said), "{line}: {mistake}");
    }
}

#[test]
fn the_environment_switches_what_it_switches_for_dumb_init_and_tini() {
    let plain = || Options::new(words("x"));
    let verbose = || Options { verbose: true, ..plain() };
    let table: [(&[(&str, &str)], Options); 10] = [
        (&[("DUMB_INIT_DEBUG", "1")], verbose()),
        (&[("DUMB_INIT_DEBUG", "0")], plain()),
        (&[("DUMB_INIT_SETSID", "0")], plain().single_child(true, false)),
        (&[("DUMB_INIT_SETSID", "1")], plain()),
        (&[("TINI_SUBREAPER", "")], Options { subreaper: true, ..plain() }),
        (&[("TINI_VERBOSITY", "1")], plain()),
        (&[("TINI_VERBOSITY", "3")], verbose()),
        (&[("TINI_VERBOSITY", "much")], plain()),
        (&[("TINI_KILL_PROCESS_GROUP", "1")], plain()),
        (&[("DUMB_INIT_SETSID", "0"), ("TINI_KILL_PROCESS_GROUP", "1")], plain().single_child(true, true)),
    ];
    for (variables, wanted) in table {
        assert_eq!(options("x", variables), wanted, "{variables:?}");
    }
    let both = options("-c x", &[("TINI_KILL_PROCESS_GROUP", "")]);
    assert_eq!(both.target, Target::Group);
    assert_eq!(options("-cg x", &[("DUMB_INIT_SETSID", "0")]).target, Target::Group);
}

#[test]
fn a_session_gets_sigstop_for_the_terminals_stops_unless_told_otherwise() {
    let none = Rewrites::default();
    let stops = ["TSTP", "TTIN", "TTOU"].map(|name| name.parse::<Signal>().unwrap());
    for signal in stops {
        assert_eq!(none.of(signal, Place::Session), Some(Signal::STOP));
        assert_eq!(none.of(signal, Place::Group), Some(signal));
    }
    for signal in (1..=64).filter_map(Signal::from_number).filter(|signal| !stops.contains(signal)) {
        assert_eq!(none.of(signal, Place::Session), Some(signal));
    }
    let told = rules(&["TSTP:TERM", "TTIN:0", "15:3", "15:0", "RTMIN+1:USR1"]);
    assert_eq!(told.of(Signal::TSTP, Place::Session), Some(Signal::TERM));
    assert_eq!(told.of(stops[1], Place::Session), None);
    assert_eq!(told.of(Signal::TERM, Place::Session), None, "the last rule holds");
    assert_eq!(told.of(Signal::from_number(35).unwrap(), Place::Group), Some(Signal::USR1));
}
