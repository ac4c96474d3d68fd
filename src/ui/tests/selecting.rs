//! Selecting and taking out, as keys and mouse ask for it.

use super::fixtures::{choose, down, drag, model, mouse, press, text, up};
use crate::output::{Columns, Extent, Position};
use crate::takeout::Task;
use crate::ui::model::Model;
use crate::ui::update::Effect;
use crossterm::event::{KeyModifiers, MouseButton, MouseEventKind};

/// A model whose pane shows what `api` says, and the pane's first cell.
fn shown() -> (Model, u16, u16) {
    let mut model = model(80, 24);
    choose(&mut model, "api");
    let pane = model.layout().pane;
    (model, pane.x, pane.y)
}

fn extent(model: &Model) -> Extent {
    model.selection.as_ref().expect("something is selected").extent()
}

#[test]
fn a_drag_selects_from_cell_to_cell_and_holds_the_pane() {
    let (mut model, x, y) = shown();
    down(&mut model, (x + 3, y));
    assert!(model.selection.is_none(), "a click selects nothing");
    drag(&mut model, (x + 5, y + 2));
    let run = Extent { first: 100, last: 102, columns: Columns::Run { from: 3, to: 5 } };
    assert_eq!(extent(&model), run);
    assert!(matches!(model.position(), Position::At(_)));
    assert_eq!(up(&mut model, (x + 5, y + 2)), []);
    assert_eq!(extent(&model), run);
    let effects = press(&mut model, "y");
    assert!(
        matches!(&effects[..], [Effect::Take(Task::Copy, source)] if source.extent == run),
        "{effects:?}"
    );
    assert!(model.selection.is_none());
    assert_eq!(model.position(), Position::Follow, "it followed before");
}

#[test]
fn two_clicks_take_a_word_and_three_a_line() {
    let (mut model, x, y) = shown();
    for _ in 0..2 {
        down(&mut model, (x + 10, y));
        up(&mut model, (x + 10, y));
    }
    assert_eq!(extent(&model).columns, Columns::Run { from: 10, to: 11 });
    drag(&mut model, (x + 13, y));
    assert_eq!(extent(&model).columns, Columns::Run { from: 10, to: 11 }, "the button is up");
    down(&mut model, (x + 10, y));
    assert_eq!(extent(&model).columns, Columns::Block { from: 0, to: u32::MAX });
}

#[test]
fn with_alt_or_ctrl_it_is_a_block() {
    for modifiers in [KeyModifiers::ALT, KeyModifiers::CONTROL] {
        let (mut model, x, y) = shown();
        mouse(&mut model, MouseEventKind::Down(MouseButton::Left), (x + 7, y), modifiers);
        mouse(&mut model, MouseEventKind::Drag(MouseButton::Left), (x + 2, y + 2), modifiers);
        assert_eq!(extent(&model).columns, Columns::Block { from: 2, to: 7 });
    }
}

#[test]
fn while_a_worker_has_the_keyboard_the_end_of_a_drag_copies() {
    let (mut model, x, y) = shown();
    press(&mut model, "enter");
    assert!(model.keyboard.is_some());
    down(&mut model, (x, y));
    drag(&mut model, (x + 3, y));
    let effects = up(&mut model, (x + 3, y));
    assert!(matches!(&effects[..], [Effect::Take(Task::Copy, _)]), "{effects:?}");
}

#[test]
fn beyond_the_edge_it_scrolls_by_itself() {
    let (mut model, x, y) = shown();
    down(&mut model, (x + 3, y + 2));
    drag(&mut model, (x + 3, y - 1));
    let effects = crate::ui::selection::tick(&mut model);
    assert!(matches!(&effects[..], [Effect::Scroll(_)]), "{effects:?}");
    assert_eq!(crate::ui::selection::tick(&mut model), [], "not at once again");
    drag(&mut model, (x + 3, y + 1));
    assert!(crate::ui::selection::wakes_at(&model).is_none());
}

#[test]
fn keys_that_mean_something_else_mean_nothing_while_selecting() {
    let (mut model, ..) = shown();
    press(&mut model, "v");
    assert_eq!(press(&mut model, "K"), []);
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.contains("esc leaves")));
    press(&mut model, "esc");
    assert!(model.selection.is_none());
    assert_eq!(press(&mut model, "y"), []);
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.contains("v or V selects")));
}

#[test]
fn the_shape_changes_and_what_is_marked_is_seen() {
    let (mut model, ..) = shown();
    press(&mut model, "v V");
    assert_eq!(
        extent(&model),
        Extent { first: 104, last: 104, columns: Columns::Block { from: 0, to: u32::MAX } }
    );
    insta::assert_snapshot!(text(&model));
    press(&mut model, "V");
    assert!(model.selection.is_none());
}

#[test]
fn a_name_is_asked_for_with_its_form() {
    let (mut model, ..) = shown();
    press(&mut model, "S tab");
    insta::assert_snapshot!(text(&model).lines().rev().take(2).collect::<Vec<_>>().join("\n"));
    let effects = press(&mut model, "ctrl-u 'x' enter");
    let [Effect::Take(Task::Save { path, form, replace: false }, source)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((path.to_str(), *form), (Some("x"), crate::output::Form::Colored));
    assert_eq!(source.extent, Extent::ALL);
}

#[test]
fn all_together_nothing_is_selected_or_taken_out() {
    let (mut model, x, y) = shown();
    press(&mut model, "a");
    for key in ["v", "V", "ctrl-v", "y", "S", "O", "E", "|"] {
        model.notice = None;
        assert_eq!(press(&mut model, key), [], "{key}");
        assert!(model.selection.is_none() && model.dialog.is_none(), "{key}");
        let words = model.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
        assert!(words.contains("a leaves all together"), "{key}: {words}");
    }
    down(&mut model, (x + 3, y));
    drag(&mut model, (x + 5, y));
    assert!(model.selection.is_none());
}
