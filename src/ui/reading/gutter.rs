//! What stands left of each line: a mark, its number, its time. Where the pane is narrow the text
//! comes first: numbers go, then times.

use super::times::{self, Times};
use crate::output::{Place, Stream, ViewRow};
use crate::spec::{NameColor, OutputKind};
use crate::ui::model::Model;
use crate::ui::sight::Sight;
use crate::ui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::time::{Duration, SystemTime};

/// The text has at least so many columns, or nothing but marks stands beside it.
const LEAST_TEXT: u16 = 24;
/// No name gets more columns than this.
const LONGEST_NAME: usize = 12;
/// What names look like that were given no colour: the terminal's own, without black, white and red.
const COLORS: [NameColor; 6] = [
    NameColor::Indexed(6),
    NameColor::Indexed(3),
    NameColor::Indexed(5),
    NameColor::Indexed(2),
    NameColor::Indexed(4),
    NameColor::Indexed(14),
];

/// Which parts have room, each with the blank that follows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::ui) struct Gutter {
    mark: u16,
    name: u16,
    number: u16,
    time: u16,
}

impl Gutter {
    /// The gutter of a pane.
    pub(in crate::ui) fn of(sight: Sight<'_>) -> Self {
        let (model, all) = (sight.model, sight.size.columns);
        let names = model.group.as_ref().map(|group| &group.names);
        let pipe = sight.worker.is_some_and(|worker| worker.output == OutputKind::Pipe) || names.is_some();
        let marked = sight.reading.is_some_and(|reading| !reading.marks.is_empty());
        let mark = u16::from((pipe || marked) && all > 1);
        let longest = names.into_iter().flatten().map(|name| text::width(name.as_str())).max();
        let most = LONGEST_NAME.min(usize::from(all / 4));
        let name = longest.map_or(0, |longest| longest.clamp(1, most.max(1)) as u16 + 1);
        let mut room = all.saturating_sub(mark + name + LEAST_TEXT);
        let (most, least) = model.display.times.columns();
        let fits = [most, least].into_iter().find(|columns| *columns > 0 && *columns < room);
        let time = fits.map_or(0, |columns| columns + 1);
        room -= time;
        let digits = sight.view.lines_total.max(999).to_string().len() as u16;
        let number = if model.display.numbers && digits < room { digits + 1 } else { 0 };
        Self { mark, name, number, time }
    }

    pub(in crate::ui) fn columns(self) -> u16 {
        self.mark + self.name + self.number + self.time
    }

    /// Draws what stands beside one row.
    pub(in crate::ui) fn draw(self, sight: Sight<'_>, line: &ViewRow, row: Rect, buffer: &mut Buffer) {
        let model = sight.model;
        if self.mark > 0 {
            draw_mark(sight, line, row, buffer);
        }
        if self.name > 0 {
            self.draw_name(model, line, row, buffer);
        }
        // The line that the cursor waits on says nothing yet.
        let waiting = line.spans.is_empty() && line.stream == Stream::Terminal;
        let newest = line.address.place.line + 1 >= sight.view.lines_total;
        if line.address.row > 0 || (waiting && newest && model.group.is_none()) {
            return;
        }
        let x = row.x + self.mark + self.name;
        if self.number > 0 {
            let width = usize::from(self.number) - 1;
            let number = format!("{:>width$}", line.address.place.line + 1);
            buffer.set_stringn(x, row.y, number, width, model.theme.dim());
        }
        if self.time > 0 {
            let width = usize::from(self.time) - 1;
            let time = format!("{:>width$}", time(sight, line, width));
            buffer.set_stringn(x + self.number, row.y, time, width, model.theme.time());
        }
    }

    /// Who said it, in a colour of its own.
    fn draw_name(self, model: &Model, line: &ViewRow, row: Rect, buffer: &mut Buffer) {
        let place = usize::from(line.address.place.worker);
        let Some(name) = model.group.as_ref().and_then(|group| group.names.get(place)) else { return };
        let color = model.worker(name).and_then(|worker| worker.color);
        let looks = model.theme.name(Some(color.unwrap_or(COLORS[place % COLORS.len()])));
        let width = usize::from(self.name) - 1;
        let name = if line.address.row == 0 { text::cut(name.as_str(), width) } else { "".into() };
        let fill = " ".repeat(width - text::width(&name));
        buffer.set_stringn(row.x + self.mark, row.y, format!("{name}{fill} "), width + 1, looks);
    }
}

fn draw_mark(sight: Sight<'_>, line: &ViewRow, row: Rect, buffer: &mut Buffer) {
    let (model, place) = (sight.model, line.address.place);
    let letter = (line.address.row == 0).then(|| bookmark(sight, place)).flatten();
    if let Some(letter) = letter {
        let looks = model.theme.accent().add_modifier(Modifier::REVERSED);
        buffer.set_string(row.x, row.y, letter.to_string(), looks);
    } else if line.stream == Stream::Stderr {
        let mark = if model.theme.color { "▎" } else { "!" };
        buffer.set_string(row.x, row.y, mark, model.theme.wrong());
    } else {
        buffer.set_string(row.x, row.y, " ", Style::new());
    }
}

fn bookmark(sight: Sight<'_>, place: Place) -> Option<char> {
    let marks = &sight.reading?.marks;
    marks.iter().find(|(_, marked)| **marked == place).map(|(letter, _)| *letter)
}

fn time(sight: Sight<'_>, line: &ViewRow, width: usize) -> String {
    let model = sight.model;
    if line.at == SystemTime::UNIX_EPOCH {
        return String::new();
    }
    let after = |earlier: SystemTime| line.at.duration_since(earlier).unwrap_or_default();
    match model.display.times {
        Times::Off => String::new(),
        Times::Clock => times::clock(line.at, &model.zone, width >= 12),
        Times::Ago => {
            let ago = model.wall.duration_since(line.at).unwrap_or_default();
            // A moving fraction would be a flicker.
            if ago < Duration::from_mins(1) { format!("{}s", ago.as_secs()) } else { times::short(ago) }
        }
        Times::Since => format!("+{}", times::short(sight.view.oldest.map(after).unwrap_or_default())),
        Times::Delta => format!("+{}", times::short(line.before_at.map(after).unwrap_or_default())),
    }
}
