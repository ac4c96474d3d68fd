//! The table against itself: no key for two things, nothing that help would cut.

use super::*;
use std::collections::HashSet;

#[test]
fn the_defaults_clash_nowhere() {
    assert_eq!(conflicts(&Keymap::default().keys), []);
}

#[test]
fn every_action_is_in_the_table_once() {
    let actions: HashSet<_> = TABLE.iter().map(|entry| entry.action).collect();
    let names: HashSet<_> = TABLE.iter().map(|entry| entry.name).collect();
    assert_eq!((actions.len(), names.len()), (TABLE.len(), TABLE.len()));
}

#[test]
fn help_is_cut_nowhere_at_80_columns() {
    // Frame and margins take 4 columns, the keys 14 and a gap of 2.
    for entry in TABLE {
        assert!(entry.doc.len() <= 60, "{}", entry.doc);
        assert!(Keymap::default().key_list(entry.action).len() <= 14, "{}", entry.name);
    }
}

#[test]
fn a_key_means_another_thing_in_a_dialog() {
    let map = Keymap::default();
    let esc = "esc".parse().unwrap();
    assert_eq!(map.action(Context::Screen, esc), Some(Action::GiveUp));
    assert_eq!(map.action(Context::Dialog, esc), Some(Action::Cancel));
    assert_eq!(map.action(Context::Keyboard, esc), None);
    assert_eq!(map.action(Context::Dialog, "up".parse().unwrap()), Some(Action::Up));
    assert_eq!(map.action(Context::Keyboard, Key::ctrl('c')), None);
}

#[test]
fn the_readme_table_has_a_row_for_each_action() {
    insta::assert_snapshot!(markdown_table());
}
