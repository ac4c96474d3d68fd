//! The modes that programs switch (DECSET, SM): what each number means, and what is set. Knows no
//! grid; switching screens and cursors is the terminal's.

use crate::output::{CursorShape, InputModes, MouseMode};

/// What is set.
#[expect(clippy::struct_excessive_bools, reason = "each is a mode of its own in the standard")]
#[derive(Debug)]
pub(super) struct Modes {
    /// For whoever encodes keys.
    pub(super) input: InputModes,
    /// DECTCEM.
    pub(super) cursor_visible: bool,
    /// DECSCUSR.
    pub(super) shape: CursorShape,
    /// DECAWM.
    pub(super) autowrap: bool,
    /// DECOM: rows count from the scroll region's top.
    pub(super) origin: bool,
    /// IRM.
    pub(super) insert: bool,
    /// Mode 2026: the program is in the middle of a frame.
    pub(super) synchronized: bool,
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            input: InputModes::default(),
            cursor_visible: true,
            shape: CursorShape::Block,
            autowrap: true,
            origin: false,
            insert: false,
            synchronized: false,
        }
    }
}

/// A private mode (`CSI ? n h`) that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Private {
    /// One that is set or not, and nothing else happens.
    Flag(Flag),
    /// Origin mode, which also moves the cursor.
    Origin,
    /// Which mouse events are told.
    Mouse(MouseMode),
    /// 47 and 1047, which also clears when left, and 1049, which saves the cursor as well.
    Alternate(Alternate),
    /// 1048.
    SaveCursor,
}

/// A mode that is set or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flag {
    CursorKeys,
    Autowrap,
    CursorVisible,
    Keypad,
    MouseSgr,
    FocusEvents,
    BracketedPaste,
    Synchronized,
}

/// How the alternate screen is entered and left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alternate {
    /// Mode 47.
    Plain,
    /// Mode 1047.
    Cleared,
    /// Mode 1049.
    WithCursor,
}

impl Private {
    pub(super) fn of(number: u16) -> Option<Self> {
        Some(match number {
            1 => Self::Flag(Flag::CursorKeys),
            6 => Self::Origin,
            7 => Self::Flag(Flag::Autowrap),
            9 => Self::Mouse(MouseMode::Press),
            25 => Self::Flag(Flag::CursorVisible),
            47 => Self::Alternate(Alternate::Plain),
            66 => Self::Flag(Flag::Keypad),
            1000 => Self::Mouse(MouseMode::Click),
            1002 => Self::Mouse(MouseMode::Drag),
            1003 => Self::Mouse(MouseMode::Motion),
            1004 => Self::Flag(Flag::FocusEvents),
            1006 => Self::Flag(Flag::MouseSgr),
            1047 => Self::Alternate(Alternate::Cleared),
            1048 => Self::SaveCursor,
            1049 => Self::Alternate(Alternate::WithCursor),
            2004 => Self::Flag(Flag::BracketedPaste),
            2026 => Self::Flag(Flag::Synchronized),
            _ => return None,
        })
    }
}

impl Modes {
    pub(super) fn flag(&mut self, flag: Flag) -> &mut bool {
        match flag {
            Flag::CursorKeys => &mut self.input.application_cursor,
            Flag::Autowrap => &mut self.autowrap,
            Flag::CursorVisible => &mut self.cursor_visible,
            Flag::Keypad => &mut self.input.application_keypad,
            Flag::MouseSgr => &mut self.input.mouse_sgr,
            Flag::FocusEvents => &mut self.input.focus_events,
            Flag::BracketedPaste => &mut self.input.bracketed_paste,
            Flag::Synchronized => &mut self.synchronized,
        }
    }

    /// The flag behind an ANSI mode (`CSI n h`) that we know: insertion and line feed/new line.
    pub(super) fn ansi_flag(&mut self, number: u16) -> Option<&mut bool> {
        match number {
            4 => Some(&mut self.insert),
            20 => Some(&mut self.input.newline),
            _ => None,
        }
    }

    /// Switches which mouse events are told.
    pub(super) fn set_mouse(&mut self, mouse: MouseMode, on: bool) {
        self.input.mouse = if on { mouse } else { MouseMode::Off };
    }

    /// `CSI n SP q`.
    pub(super) fn set_shape(&mut self, number: u16) {
        self.shape = match number {
            0..=2 => CursorShape::Block,
            3 | 4 => CursorShape::Underline,
            5 | 6 => CursorShape::Bar,
            _ => return,
        };
    }

    /// The number that [`Self::set_shape`] takes.
    pub(super) fn shape_number(&self) -> u8 {
        match self.shape {
            CursorShape::Block => 2,
            CursorShape::Underline => 4,
            CursorShape::Bar => 6,
        }
    }

    /// DECSTR: what a soft reset sets back.
    pub(super) fn soft_reset(&mut self) {
        self.input.application_cursor = false;
        self.input.application_keypad = false;
        self.cursor_visible = true;
        self.autowrap = true;
        self.origin = false;
        self.insert = false;
    }
}
