//! Whole frames of a program that says where they begin and end (mode 2026): what a window showed
//! last is kept while the next frame is drawn. Knows neither grid nor clock.

use super::view::{View, Window};
use std::cell::RefCell;

/// So often in a row a window gets what it showed before; at sixty frames a second, about 150 ms. A
/// program that never ends its frame is shown as it is then.
const MOST_HELD: u32 = 9;

/// The newest view of a program that updates in frames.
#[derive(Debug, Default)]
pub(super) struct Frames(RefCell<State>);

#[derive(Debug, Default)]
struct State {
    /// The program has begun a frame once: others cost nothing here.
    used: bool,
    shown: Option<(Window, View)>,
    held: u32,
}

impl Frames {
    /// What to show in place of a frame that is not whole.
    pub(super) fn held(&self, window: Window, updating: bool) -> Option<View> {
        let mut state = self.0.borrow_mut();
        if !updating {
            state.held = 0;
            return None;
        }
        state.used = true;
        let (_, view) = state.shown.as_ref().filter(|(shown, _)| *shown == window)?;
        let view = View { held: true, ..view.clone() };
        state.held += 1;
        (state.held <= MOST_HELD).then_some(view)
    }

    /// This is shown in the window now.
    pub(super) fn keep(&self, window: Window, view: &View) {
        let mut state = self.0.borrow_mut();
        if state.used {
            state.shown = Some((window, view.clone()));
        }
    }
}
