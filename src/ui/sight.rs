//! One pane as it is seen: whose it is, how large it is, how it is read and what is in view there. What
//! draws a pane asks this, and not which of several panes it is.

use super::model::Model;
use super::reading::Reading;
use super::reading::gutter::Gutter;
use crate::output::{Fit, Position, View, Window};
use crate::protocol::{Size, WorkerView};

#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) model: &'a Model,
    pub(super) worker: Option<&'a WorkerView>,
    pub(super) view: &'a View,
    pub(super) reading: Option<&'a Reading>,
    pub(super) size: Size,
    /// It is the one that keys are for.
    pub(super) chosen: bool,
}

impl Model {
    /// The pane that keys are for.
    pub(super) fn sight(&self) -> Sight<'_> {
        Sight {
            model: self,
            worker: self.chosen().map(AsRef::as_ref),
            view: &self.view,
            reading: self.reading(),
            size: self.layout().pane_size(),
            chosen: true,
        }
    }
}

impl Sight<'_> {
    pub(super) fn position(&self) -> Position {
        self.reading.map(|reading| reading.position).unwrap_or_default()
    }

    /// How wide lines fit in.
    pub(super) fn fit(&self) -> Fit {
        let left = self.reading.map_or(0, |reading| reading.left);
        if self.model.display.cut { Fit::Cut { left } } else { Fit::Wrap }
    }

    /// The window into the output, beside its gutter.
    pub(super) fn window(&self) -> Window {
        let columns = self.size.columns.saturating_sub(Gutter::of(*self).columns()).max(1);
        Window { size: Size { columns, ..self.size }, position: self.position(), fit: self.fit() }
    }
}
