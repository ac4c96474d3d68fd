//! The screen as its holder sees it: feed, resize, finish, read. The work is done by `terminal`.

use super::backlog::Backlog;
use super::input::Input;
use super::keyboard::Keyboard;
use super::spans;
use super::terminal::Terminal;
use crate::output::{CursorShape, InputModes, KeyFlags, Span};
use crate::protocol::Size;
use std::fmt;
use std::sync::Arc;

/// What a screen needs from whoever holds it.
pub trait Host {
    /// A logical line (soft-wrapped rows joined) left the top of the primary screen: UTF-8 with SGR
    /// escapes and no other, from the default style back to it, trailing blanks trimmed, without a
    /// line end.
    fn line(&mut self, bytes: &[u8]);

    /// What the terminal answers to a query: to be written to the program's input.
    fn reply(&mut self, bytes: &[u8]);
}

/// A host that keeps lines which are on the screen but not drawn: most of a flood leaves the screen
/// before anybody looks. They come after all rows that are drawn.
pub trait Flooded: Host {
    /// A whole line waits behind those that wait already. It is as for [`Host::line`], but its escapes are
    /// as the program wrote them.
    fn wait(&mut self, line: &[u8]);

    /// The first `count` of those that wait left at the top of the screen.
    fn leave(&mut self, count: usize);

    /// None waits any more. Returns those that did, each closed by a newline: they are to be drawn.
    fn take_back(&mut self) -> Vec<u8>;

    /// What was taken back just now waits again: the rows above it left at the top of the screen.
    fn put_back(&mut self, text: &[u8]) {
        text.split_inclusive(|&byte| byte == b'\n').for_each(|line| self.wait(&line[..line.len() - 1]));
    }
}

/// A terminal's screen, driven by the bytes that a program writes: what xterm would show, without
/// scrollback. Rows that leave the top of the primary screen go to the [`Host`] as lines.
///
/// What it was fed by [`Screen::feed_unseen`] is seen after [`Screen::settle`] only.
pub struct Screen {
    input: Input,
    backlog: Backlog,
    pub(super) terminal: Terminal,
}

impl Screen {
    /// An empty screen. Sizes are kept within 1 to 4096 columns and rows.
    pub fn new(size: Size) -> Self {
        Self { input: Input::default(), backlog: Backlog::default(), terminal: Terminal::new(size) }
    }

    /// From now on it speaks the kitty keyboard protocol as far as these flags go. A screen that speaks
    /// none of it does not answer when it is asked: that is how programs tell.
    pub fn speak(&mut self, flags: KeyFlags) {
        self.terminal.keyboard = Keyboard::speaking(flags);
    }

    /// A new one of the same size that speaks the same.
    #[must_use]
    pub fn renewed(&self) -> Self {
        let mut screen = Self::new(self.size());
        screen.terminal.keyboard = self.terminal.keyboard.reset();
        screen
    }

    /// Takes what the program wrote, cut anywhere, and draws all of it. What waits is to be settled before
    /// ([`Screen::settle`]), as before a new size, the end and any look.
    pub fn feed(&mut self, bytes: &[u8], host: &mut impl Host) {
        self.assert_settled();
        self.draw(bytes, host);
    }

    /// The one way to the terminal, so that all of it is compiled into one piece.
    #[inline(never)]
    fn draw(&mut self, bytes: &[u8], host: &mut impl Host) {
        self.input.feed(bytes, &mut self.terminal, host);
    }

    /// Takes what the program wrote, cut anywhere. Plain lines are not drawn: the host has them, and
    /// those that would not have scrolled off wait there for [`Screen::settle`].
    pub fn feed_unseen(&mut self, bytes: &[u8], host: &mut impl Flooded) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if !self.backlog.is_empty() || (self.input.at_rest() && self.terminal.takes_plain_lines()) {
                rest = self.backlog.take(rest, self.terminal.columns(), host);
                self.leave_unseen(host);
                if rest.is_empty() {
                    return;
                }
                self.settle(host);
            }
            let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            self.draw(&rest[..line], host);
            rest = &rest[line..];
        }
    }

    fn leave_unseen(&mut self, host: &mut impl Flooded) {
        self.terminal.last = self.backlog.last().or(self.terminal.last);
        let count = self.backlog.leave(self.terminal.rows());
        if count == 0 {
            return;
        }
        if self.terminal.has_rows_above() {
            let waiting = host.take_back();
            self.terminal.leave_rows_above(host);
            host.put_back(&waiting);
        }
        host.leave(count);
    }

    /// Draws what waited. Costs nothing where nothing did.
    pub fn settle(&mut self, host: &mut impl Flooded) {
        if self.backlog.is_empty() {
            return;
        }
        let last = self.terminal.last;
        for line in host.take_back().split_inclusive(|&byte| byte == b'\n') {
            self.draw(&line[..line.len() - 1], host);
            self.draw(b"\r\n", host);
        }
        // Of a line's blanks at its end nothing is drawn.
        self.terminal.last = last;
        let tail = self.backlog.clear();
        self.draw(&tail, host);
    }

    fn assert_settled(&self) {
        debug_assert!(self.backlog.is_empty(), "what waits is drawn first");
    }

    /// A new size. The primary screen wraps its soft-wrapped lines anew, rows that find no room leave
    /// at the top; the alternate screen is cut or padded.
    pub fn resize(&mut self, size: Size, host: &mut impl Host) {
        self.assert_settled();
        self.terminal.resize(size, host);
    }

    /// The run is over: every used row of the primary screen becomes a line, then all is reset.
    pub fn finish(&mut self, host: &mut impl Host) {
        self.assert_settled();
        self.terminal.finish(host);
        self.input = Input::default();
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        self.terminal.size()
    }

    /// Row `index` of what is on the screen: wide characters once, and of a row that ends its line the
    /// trailing blanks in the default style trimmed. Empty where there is no such row.
    pub fn row_spans(&self, index: u16) -> Arc<[Span]> {
        let row = self.terminal.grid.rows.get(usize::from(index));
        row.map(|row| spans::of(row, &self.terminal.clusters)).unwrap_or_default()
    }

    /// Whether row `index` goes on in the next row (a soft wrap).
    pub fn wrapped(&self, index: u16) -> bool {
        self.terminal.grid.rows.get(usize::from(index)).is_some_and(|row| row.wrapped)
    }

    /// The part of a logical line that left at the top while its rest is still on the screen, encoded
    /// as for [`Host::line`]: it comes before row 0. Empty otherwise.
    pub fn pending(&self) -> &[u8] {
        self.terminal.outgoing.pending()
    }

    /// Rows from the top that are in use: up to the last one that is not blank or the cursor's.
    pub fn used_rows(&self) -> u16 {
        self.assert_settled();
        self.terminal.grid.used().max(self.terminal.cursor.row + 1) as u16
    }

    /// How many lines that began on the screen, or wait to be drawn on it, end above the cursor's.
    pub fn lines_above_cursor(&self) -> u64 {
        let above = self.terminal.grid.rows.iter().take(self.terminal.cursor.row);
        (above.filter(|row| !row.wrapped).count() + self.backlog.count()) as u64
    }

    /// The cursor's column, row and shape; `None` while it is hidden.
    pub fn cursor(&self) -> Option<(u16, u16, CursorShape)> {
        let cursor = self.terminal.cursor;
        let modes = &self.terminal.modes;
        modes.cursor_visible.then_some((cursor.column as u16, cursor.row as u16, modes.shape))
    }

    /// How keys, pastes and the mouse are to be encoded for the program.
    pub fn input_modes(&self) -> InputModes {
        let keys = self.terminal.keyboard.flags(self.terminal.alternate);
        InputModes { keys, ..self.terminal.modes.input }
    }

    /// Whether the program has switched to the alternate screen.
    pub fn alternate(&self) -> bool {
        self.terminal.alternate
    }

    /// Whether the program is in the middle of a frame (mode 2026).
    pub fn updating(&self) -> bool {
        self.terminal.modes.synchronized
    }

    /// Whether the program cleared the whole primary screen since the run began: what it writes then
    /// stands where it puts it, not below what was there before.
    pub fn cleared(&self) -> bool {
        self.terminal.cleared
    }

    /// The window title that the program set: printable text of at most 256 characters.
    pub fn title(&self) -> Option<&str> {
        self.terminal.title.as_deref()
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen")
            .field("size", &self.size())
            .field("cursor", &self.cursor())
            .field("alternate", &self.alternate())
            .finish_non_exhaustive()
    }
}
