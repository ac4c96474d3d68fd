//! The cases of `cases/*.case`, each fed in one piece, byte by byte, and as a flood that nobody saw.

use super::Sheet;
use super::case::Case;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

fn all() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulation/cases");
    let entries = fs::read_dir(folder).expect("the cases are there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it is readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    paths.sort();
    let read = |path: &PathBuf| {
        let file = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(path).expect("it is readable");
        Case::all(&text).into_iter().map(move |case| (file.clone(), case)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(read).collect()
}

/// A way to feed a case, with its name.
type Way = (&'static str, fn(&mut Sheet, &[u8]));

const WAYS: [Way; 4] = [
    ("in one piece", |sheet, bytes| sheet.feed(bytes)),
    ("byte by byte", |sheet, bytes| bytes.chunks(1).for_each(|byte| sheet.feed(byte))),
    ("unseen", |sheet, bytes| sheet.feed_unseen(bytes)),
    ("unseen, byte by byte", |sheet, bytes| bytes.chunks(1).for_each(|byte| sheet.feed_unseen(byte))),
];

#[test]
fn the_emulator_follows_the_rules() {
    let mut wrong = Vec::new();
    for (file, case) in all() {
        for (way, feed) in WAYS {
            let mut sheet = Sheet::new(case.size);
            if case.speaks {
                sheet.speak();
            }
            feed(&mut sheet, &case.input);
            sheet.settle();
            let differences = case.differences(&sheet);
            if !differences.is_empty() {
                let all = differences.join("\n  ");
                wrong.push(format!("{file}: {}, {way} ({}):\n  {all}", case.name, case.rule));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases are not as expected:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_case_has_a_name_of_its_own_a_rule_and_something_to_expect() {
    let cases = all();
    assert!(cases.len() >= 150, "only {} cases", cases.len());
    let mut names = HashSet::new();
    for (file, case) in &cases {
        assert!(names.insert((file, &case.name)), "{file}: {} is there twice", case.name);
        assert!(!case.rule.is_empty(), "{file}: {} names no rule", case.name);
        assert!(!case.input.is_empty() && case.expects(), "{file}: {} shows nothing", case.name);
    }
}
