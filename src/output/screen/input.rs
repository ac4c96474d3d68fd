//! Splits the bytes: text and the common sequences are found here, at speed, the rest by vte's state
//! machine. Owns the state between two reads; knows no function's meaning.

use super::answers;
use super::functions::Marks;
use super::parameters::Parameters;
use super::screen::Host;
use super::terminal::Terminal;

const ESC: u8 = 0x1b;
/// Bytes of one OSC that are kept: enough for a title or a query, whatever a program sends.
const OSC_KEPT: usize = 4096;

/// Where we are in the stream of bytes.
///
/// While `ground`, vte's parser is in its ground state with no part of a character kept, and this
/// type works on its own. Else vte is given byte after byte until it is certain to be back there.
pub(super) struct Input {
    parser: vte::Parser,
    ground: bool,
    /// The last byte that mattered was ESC.
    escaped: bool,
    /// Bytes of the OSC that we are in.
    osc: Option<usize>,
    asked: Asked,
}

/// What a DCS asks for.
#[derive(Debug, Default, PartialEq, Eq)]
enum Asked {
    /// Nothing: it is of another kind, or there is none.
    #[default]
    Nothing,
    /// DECRQSS: the setting with this name.
    Setting(Vec<u8>),
    /// XTGETTCAP.
    Capability,
}

/// A longer name of a setting is none.
const SETTING_KEPT: usize = 4;

impl Default for Input {
    fn default() -> Self {
        Self { parser: vte::Parser::new(), ground: true, escaped: false, osc: None, asked: Asked::Nothing }
    }
}

impl Input {
    /// Whether nothing was begun: neither a sequence nor a character.
    pub(super) fn at_rest(&self) -> bool {
        self.ground
    }

    pub(super) fn feed(&mut self, bytes: &[u8], terminal: &mut Terminal, host: &mut impl Host) {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            let taken = if self.ground {
                self.step(first, rest, terminal, host)
            } else {
                self.hand_to_vte(first, terminal, host);
                1
            };
            rest = &rest[taken..];
        }
    }

    /// One step from the ground state. Returns how many bytes it took.
    #[inline]
    fn step(&mut self, first: u8, rest: &[u8], terminal: &mut Terminal, host: &mut impl Host) -> usize {
        match first {
            b' '..=b'~' => {
                let length = printable_ascii(rest);
                terminal.print_ascii(&rest[..length], host);
                length
            }
            ESC => {
                let Some((private, parameters, last, length)) = sequence(rest) else {
                    self.hand_to_vte(first, terminal, host);
                    return 1;
                };
                terminal.csi(Marks { private, intermediate: 0 }, &parameters, last, host);
                length
            }
            0x7f => 1,
            0..=0x1f => {
                terminal.control(first, host);
                1
            }
            0x80.. => self.text(rest, terminal, host),
        }
    }

    /// Text that begins with a byte beyond ASCII, up to the next control.
    fn text(&mut self, rest: &[u8], terminal: &mut Terminal, host: &mut impl Host) -> usize {
        let length = rest.iter().position(|&byte| byte < 0x20 || byte == 0x7f);
        let text = &rest[..length.unwrap_or(rest.len())];
        for chunk in text.utf8_chunks() {
            print_text(chunk.valid(), terminal, host);
            // Empty for the last chunk of text that is whole.
            let broken = chunk.invalid();
            let last = length.is_none() && std::ptr::eq(broken.as_ptr_range().end, text.as_ptr_range().end);
            if last && is_incomplete(broken) {
                // vte keeps it until the rest comes.
                for &byte in broken {
                    self.hand_to_vte(byte, terminal, host);
                }
            } else if !broken.is_empty() {
                terminal.print(char::REPLACEMENT_CHARACTER, host);
            }
        }
        text.len()
    }

    fn hand_to_vte(&mut self, byte: u8, terminal: &mut Terminal, host: &mut impl Host) {
        if self.overflows(byte) {
            return;
        }
        let mut performer = Performer { terminal, host, ground: false, asked: &mut self.asked };
        self.parser.advance(&mut performer, &[byte]);
        self.ground = performer.ground;
        if self.ground {
            self.osc = None;
            self.escaped = false;
        }
    }

    /// Whether the byte is one too many of an OSC, which vte would keep without end.
    fn overflows(&mut self, byte: u8) -> bool {
        match (byte, self.escaped) {
            (ESC, _) => (self.escaped, self.osc) = (true, None),
            (0x20..0x7f, true) => {
                self.escaped = false;
                self.osc = (byte == b']').then_some(0);
            }
            // Executed or ignored in the midst of a sequence, or not at its start.
            _ => {}
        }
        let Some(kept) = &mut self.osc else { return false };
        *kept += 1;
        byte >= 0x20 && *kept > OSC_KEPT
    }
}

/// How many bytes from the start are printable ASCII.
#[inline]
pub(super) fn printable_ascii(bytes: &[u8]) -> usize {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // Less than a blank, a DEL or beyond ASCII. What is borrowed or carried changes only bytes
        // behind the one that ends the search.
        let less = word.wrapping_sub(0x2020_2020_2020_2020);
        let others = (less | word.wrapping_add(0x0101_0101_0101_0101) | word) & HIGH;
        if others != 0 {
            return index * 8 + others.trailing_zeros() as usize / 8;
        }
    }
    let more = rest.iter().position(|byte| !matches!(byte, b' '..=b'~'));
    words.len() * 8 + more.unwrap_or(rest.len())
}

/// The control sequence at the start: its private marker, parameters, final byte and length. `None`
/// where it is not a whole one, or of a rarer form: vte knows what to do then.
#[inline]
pub(super) fn sequence(bytes: &[u8]) -> Option<(u8, Parameters, u8, usize)> {
    let body = bytes.strip_prefix(b"\x1b[")?;
    let private = if body.first() == Some(&b'?') { b'?' } else { 0 };
    let start = usize::from(private != 0);
    let mut parameters = Parameters::new();
    let mut value: u16 = 0;
    let mut colon = false;
    for (index, &byte) in body.iter().enumerate().skip(start) {
        match byte {
            b'0'..=b'9' => value = value.saturating_mul(10).saturating_add(u16::from(byte - b'0')),
            b';' | b':' => {
                if !parameters.push(value, colon) {
                    return None;
                }
                value = 0;
                colon = byte == b':';
            }
            0x40..=0x7e => {
                return parameters.push(value, colon).then_some((private, parameters, byte, index + 3));
            }
            _ => return None,
        }
    }
    None
}

/// Whether the bytes, which start with ESC, are the beginning of a control sequence with numbers alone.
pub(super) fn is_sequence_begun(bytes: &[u8]) -> bool {
    let numbers = bytes.get(2..).unwrap_or_default();
    matches!(bytes, [ESC] | [ESC, b'[', ..]) && numbers.iter().all(|byte| matches!(byte, b'0'..=b'9' | b';'))
}

/// The character at the start, if it is a whole one.
#[inline]
pub(super) fn character(bytes: &[u8]) -> Option<char> {
    let length = match bytes.first()? {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    };
    std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()
}

/// How many bytes at the end may yet become a character.
pub(super) fn incomplete_at_end(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    let start = tail.iter().rposition(|&byte| byte >= 0xc0);
    start.filter(|&start| is_incomplete(&tail[start..])).map_or(0, |start| tail.len() - start)
}

/// Whether the bytes may yet become a character.
fn is_incomplete(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

fn print_text(text: &str, terminal: &mut Terminal, host: &mut impl Host) {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let ascii = printable_ascii(rest.as_bytes());
        let taken = if ascii > 0 {
            terminal.print_ascii(&rest.as_bytes()[..ascii], host);
            ascii
        } else {
            print_character(character, terminal, host);
            character.len_utf8()
        };
        rest = &rest[taken..];
    }
}

fn print_character(character: char, terminal: &mut Terminal, host: &mut impl Host) {
    match character {
        '\x7f' => {}
        '\u{80}'..='\u{9f}' => terminal.control(character as u8, host),
        _ => terminal.print(character, host),
    }
}

/// What vte's parser found, for the terminal. Notes whether that left the parser in its ground state.
struct Performer<'a, H> {
    terminal: &'a mut Terminal,
    host: &'a mut H,
    ground: bool,
    asked: &'a mut Asked,
}

impl<H: Host> vte::Perform for Performer<'_, H> {
    fn print(&mut self, character: char) {
        // After a replacement for a broken character, its last byte may still be kept.
        self.ground = character != char::REPLACEMENT_CHARACTER;
        print_character(character, self.terminal, self.host);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            // CAN and SUB end any sequence.
            0x18 | 0x1a => self.ground = true,
            // No control but a byte that is no UTF-8.
            0x80.. => self.terminal.print(char::REPLACEMENT_CHARACTER, self.host),
            _ => self.terminal.control(byte, self.host),
        }
    }

    fn csi_dispatch(&mut self, params: &vte::Params, marks: &[u8], ignore: bool, last: char) {
        self.ground = true;
        let (private, rest) = match marks {
            [private @ b'<'..=b'?', rest @ ..] => (*private, rest),
            _ => (0, marks),
        };
        let intermediate = match rest {
            [] => 0,
            [one] => *one,
            _ => return,
        };
        // Too many parameters: SGR takes those that were kept.
        if ignore && (last != 'm' || !marks.is_empty()) {
            return;
        }
        let marks = Marks { private, intermediate };
        self.terminal.csi(marks, &Parameters::from(params), last as u8, self.host);
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], ignore: bool, byte: u8) {
        self.ground = true;
        match intermediates {
            _ if ignore => {}
            [] => self.terminal.escape(0, byte, self.host),
            [one] => self.terminal.escape(*one, byte, self.host),
            _ => {}
        }
    }

    fn osc_dispatch(&mut self, parts: &[&[u8]], bell: bool) {
        // Ended by ESC or CAN, the next sequence has begun or is yet to be executed.
        self.ground = bell;
        self.terminal.osc(parts, bell, self.host);
    }

    fn hook(&mut self, _: &vte::Params, marks: &[u8], ignore: bool, last: char) {
        *self.asked = match (marks, last) {
            (b"$", 'q') if !ignore => Asked::Setting(Vec::new()),
            (b"+", 'q') if !ignore => Asked::Capability,
            _ => Asked::Nothing,
        };
    }

    fn put(&mut self, byte: u8) {
        if let Asked::Setting(name) = self.asked
            && name.len() < SETTING_KEPT
        {
            name.push(byte);
        }
    }

    fn unhook(&mut self) {
        match std::mem::take(self.asked) {
            Asked::Nothing => {}
            Asked::Setting(name) => self.terminal.report_setting(&name, self.host),
            Asked::Capability => self.host.reply(answers::CAPABILITY.as_bytes()),
        }
    }
}
