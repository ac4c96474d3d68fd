//! What each control function asks of the terminal: the tables of C0, C1, ESC, CSI and OSC. Knows no
//! byte stream. Functions that are not in a table do nothing.

use super::answers;
use super::cell::Pen;
use super::parameters::Parameters;
use super::screen::Host;
use super::sgr;
use super::tabs::Tabs;
use super::terminal::Terminal;
use super::title;

/// How a control sequence was marked: `CSI ? 25 h` has the private marker `?`, `CSI 2 SP q` the
/// intermediate space. 0 where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) private: u8,
    pub(super) intermediate: u8,
}

impl Terminal {
    /// A C0 or C1 control.
    #[inline]
    pub(super) fn control(&mut self, control: u8, host: &mut impl Host) {
        self.homed = false;
        match control {
            0x08 => self.left(1),
            0x09 => self.tab(1),
            0x0a..=0x0c => self.line_feed(host),
            0x0d => self.move_to_column(0),
            0x0e => self.charsets.shift(1),
            0x0f => self.charsets.shift(0),
            0x84 => self.index(false, host),
            0x85 => self.next_line(host),
            0x88 => self.tabs.set(self.cursor.column, true),
            0x8d => self.reverse_index(host),
            _ => {}
        }
    }

    #[inline]
    fn line_feed(&mut self, host: &mut impl Host) {
        self.index(false, host);
        if self.modes.input.newline {
            self.move_to_column(0);
        }
    }

    fn next_line(&mut self, host: &mut impl Host) {
        self.index(false, host);
        self.move_to_column(0);
    }

    /// `ESC` with at most one intermediate.
    pub(super) fn escape(&mut self, intermediate: u8, last: u8, host: &mut impl Host) {
        match (intermediate, last) {
            (0, b'7') => self.save_cursor(),
            (0, b'8') => self.restore_cursor(),
            (0, b'D') => self.index(false, host),
            (0, b'E') => self.next_line(host),
            (0, b'H') => self.tabs.set(self.cursor.column, true),
            (0, b'M') => self.reverse_index(host),
            (0, b'N') => self.charsets.shift_once(2),
            (0, b'O') => self.charsets.shift_once(3),
            (0, b'Z') => host.reply(answers::DEVICE.as_bytes()),
            (0, b'c') => self.reset(host),
            (0, b'n') => self.charsets.shift(2),
            (0, b'o') => self.charsets.shift(3),
            (0, b'=') => self.modes.input.application_keypad = true,
            (0, b'>') => self.modes.input.application_keypad = false,
            (b'#', b'8') => self.align(host),
            (b'(' | b')' | b'*' | b'+', set) => self.charsets.designate(intermediate, set),
            _ => {}
        }
    }

    /// `CSI`.
    #[inline]
    pub(super) fn csi(&mut self, marks: Marks, p: &Parameters, last: u8, host: &mut impl Host) {
        match (marks.private, marks.intermediate) {
            (0, 0) => match last {
                b'm' => sgr::apply(&mut self.pen, p),
                b'H' | b'f' => self.move_to(p.count(1) - 1, p.count(0) - 1),
                b'A'..=b'G' | b'I' | b'Z' | b'`' | b'a' | b'd' | b'e' | b'j' | b'k' => {
                    self.motion(p, last);
                }
                b'h' | b'l' => self.set_modes(p, last == b'h'),
                b'c' | b'n' | b't' | b'x' => self.report(p, last, host),
                _ => self.edit(p, last, host),
            },
            (b'?', 0) => self.private_csi(p, last, host),
            (private @ (b'<' | b'=' | b'>'), 0) if last == b'u' => {
                self.keyboard.set(private, p, self.alternate);
            }
            (b'>', 0) => match last {
                b'c' if p.raw(0) == 0 => host.reply(answers::SECONDARY_DEVICE.as_bytes()),
                b'q' if p.raw(0) == 0 => host.reply(answers::version().as_bytes()),
                _ => {}
            },
            (b'=', 0) if last == b'c' && p.raw(0) == 0 => host.reply(answers::UNIT.as_bytes()),
            (0, b'!') if last == b'p' => self.soft_reset(),
            (0, b' ') if last == b'q' => self.modes.set_shape(p.values()[0]),
            (private @ (0 | b'?'), b'$') if last == b'p' => {
                self.report_mode(p.values()[0], private == b'?', host);
            }
            _ => {}
        }
    }

    fn motion(&mut self, p: &Parameters, last: u8) {
        self.homed = false;
        let count = p.count(0);
        match last {
            b'A' | b'k' => self.up(count),
            b'B' | b'e' => self.down(count),
            b'C' | b'a' => self.right(count),
            b'D' | b'j' => self.left(count),
            b'E' => {
                self.down(count);
                self.move_to_column(0);
            }
            b'F' => {
                self.up(count);
                self.move_to_column(0);
            }
            b'G' | b'`' => self.move_to_column(count - 1),
            b'I' => self.tab(count),
            b'Z' => self.back_tab(count),
            b'd' => self.move_to_row(count - 1),
            _ => {}
        }
    }

    fn edit(&mut self, p: &Parameters, last: u8, host: &mut impl Host) {
        let count = p.count(0);
        match last {
            b'@' => self.insert_characters(count),
            b'J' => self.erase_display(p.raw(0), host),
            b'K' => self.erase_line(p.raw(0), host),
            b'L' => self.insert_lines(count, host),
            b'M' => self.delete_lines(count, host),
            b'P' => self.delete_characters(count),
            b'S' => self.scroll_up(count, host),
            // With more parameters it is mouse highlighting.
            b'T' if p.values().len() == 1 => self.scroll_down(count, host),
            b'X' => self.erase_characters(count),
            b'b' => self.repeat(count, host),
            b'g' => match p.raw(0) {
                0 => self.tabs.set(self.cursor.column, false),
                3 => self.tabs.clear(),
                _ => {}
            },
            b'r' => {
                let bottom = if p.raw(1) == 0 { self.rows() } else { p.raw(1) };
                self.set_region(p.count(0) - 1, bottom - 1);
            }
            b's' => self.save_cursor(),
            b'u' => self.restore_cursor(),
            _ => {}
        }
    }

    fn set_modes(&mut self, p: &Parameters, on: bool) {
        for &number in p.values() {
            if let Some(flag) = self.modes.ansi_flag(number) {
                *flag = on;
            }
        }
    }

    fn private_csi(&mut self, p: &Parameters, last: u8, host: &mut impl Host) {
        match last {
            b'h' | b'l' => {
                for &number in p.values() {
                    self.set_private(number, last == b'h');
                }
            }
            b'J' => self.erase_display(p.raw(0), host),
            b'K' => self.erase_line(p.raw(0), host),
            b'W' if p.raw(0) == 5 => self.tabs = Tabs::new(self.columns()),
            b's' => self.save_modes(p.values()),
            b'r' => self.restore_modes(p.values()),
            b'u' => {
                if let Some(flags) = self.keyboard.told(self.alternate) {
                    host.reply(answers::keyboard(flags).as_bytes());
                }
            }
            b'n' if p.raw(0) == 6 => self.report_cursor(true, host),
            b'n' => {
                if let Some(answer) = answers::status(p.raw(0)) {
                    host.reply(answer.as_bytes());
                }
            }
            _ => {}
        }
    }

    fn report(&mut self, p: &Parameters, last: u8, host: &mut impl Host) {
        match (last, p.raw(0)) {
            (b'c', 0) => host.reply(answers::DEVICE.as_bytes()),
            (b'n', 5) => host.reply(answers::OPERATING.as_bytes()),
            (b'n', 6) => self.report_cursor(false, host),
            (b't', 22) if matches!(p.raw(1), 0 | 2) => self.keep_title(),
            (b't', 23) if matches!(p.raw(1), 0 | 2) => self.take_title_back(),
            (b't', question) => {
                if let Some(answer) = answers::window(question, self.columns(), self.rows()) {
                    host.reply(answer.as_bytes());
                }
            }
            (b'x', solicited) => {
                if let Some(answer) = answers::parameters(solicited) {
                    host.reply(answer.as_bytes());
                }
            }
            _ => {}
        }
    }

    /// DECRQSS: how something is set.
    pub(super) fn report_setting(&self, name: &[u8], host: &mut impl Host) {
        let value = match name {
            b"m" => {
                let mut style = Vec::new();
                if self.pen != Pen::default() {
                    sgr::write(&mut style, Pen::default(), self.pen);
                }
                let codes = String::from_utf8(style).unwrap_or_default();
                let codes = codes.trim_start_matches("\x1b[").trim_start_matches("0;");
                Some(if codes.is_empty() { "0m".to_owned() } else { format!("0;{codes}") })
            }
            b"r" => Some(format!("{};{}r", self.top + 1, self.bottom + 1)),
            b" q" => Some(format!("{} q", self.modes.shape_number())),
            b"\"p" => Some("62;1\"p".to_owned()),
            b"\"q" => Some("0\"q".to_owned()),
            _ => None,
        };
        host.reply(answers::setting(value.as_deref()).as_bytes());
    }

    fn report_cursor(&self, private: bool, host: &mut impl Host) {
        let answer = answers::cursor(self.row_in_origin(), self.cursor.column, private);
        host.reply(answer.as_bytes());
    }

    fn report_mode(&mut self, number: u16, private: bool, host: &mut impl Host) {
        let set = if private { self.private(number) } else { self.modes.ansi_flag(number).copied() };
        host.reply(answers::mode(number, private, set).as_bytes());
    }

    /// `OSC`, split at its semicolons. Links (8) and the clipboard (52) are among what does nothing.
    pub(super) fn osc(&mut self, parts: &[&[u8]], bell: bool, host: &mut impl Host) {
        match parts {
            // 1 names the icon, of which there is none.
            [b"0" | b"2", rest @ ..] => self.title = title::sanitise(rest),
            [b"4" | b"10" | b"11" | b"12", ..] => {
                let answer = answers::colors(parts, bell);
                if !answer.is_empty() {
                    host.reply(answer.as_bytes());
                }
            }
            _ => {}
        }
    }
}
