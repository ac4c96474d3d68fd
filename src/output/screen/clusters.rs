//! The text of the rare cells that hold more than one character: a base and its combining marks.
//! Knows no row; whoever owns the rows calls for a collection.

use super::cell::Cell;

/// How many marks one cell keeps.
const MARKS_KEPT: usize = 8;
/// Below this many texts a collection is not worth its time.
const FEW: usize = 256;

/// Texts by index. An index lives in one cell; overwritten cells leave garbage.
#[derive(Debug, Default)]
pub(super) struct Clusters {
    texts: Vec<Box<str>>,
    kept: usize,
}

impl Clusters {
    /// The text that a cell holds.
    pub(super) fn text(&self, index: u32) -> &str {
        self.texts.get(index as usize).map_or(" ", |text| text)
    }

    /// The cell with one more mark, or as it was where it has enough of them.
    pub(super) fn join(&mut self, cell: Cell, mark: char) -> Cell {
        let mut text = match cell.cluster() {
            Some(index) => self.text(index).to_owned(),
            None => cell.character().to_string(),
        };
        if text.chars().count() > MARKS_KEPT {
            return cell;
        }
        text.push(mark);
        self.texts.push(text.into());
        cell.with_cluster(self.texts.len() as u32 - 1)
    }

    /// Whether most texts are garbage by now.
    pub(super) fn crowded(&self) -> bool {
        self.texts.len() >= FEW.max(self.kept * 2)
    }

    /// Keeps the texts of these cells, which must be all that there are, and forgets the rest.
    pub(super) fn collect<'a>(&mut self, cells: impl Iterator<Item = &'a mut Cell>) {
        let mut old = std::mem::take(&mut self.texts);
        for cell in cells {
            let Some(index) = cell.cluster() else { continue };
            let text = old.get_mut(index as usize).map(std::mem::take).unwrap_or_default();
            self.texts.push(text);
            *cell = cell.with_cluster(self.texts.len() as u32 - 1);
        }
        self.kept = self.texts.len();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
