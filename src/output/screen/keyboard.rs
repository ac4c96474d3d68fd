//! The kitty keyboard protocol's flags, a stack of them for each screen. Knows no key.
//!
//! After <https://sw.kovidgoyal.net/kitty/keyboard-protocol/>, "Progressive enhancement".

use super::parameters::Parameters;
use crate::output::KeyFlags;

/// More entries push the oldest out, so that no program fills our memory.
const DEEPEST: usize = 16;

/// What programs asked for.
#[derive(Debug, Default)]
pub(super) struct Keyboard {
    /// What can be asked for.
    spoken: KeyFlags,
    /// Of the primary and the alternate screen, the newest flags last.
    stacks: [Vec<u8>; 2],
}

impl Keyboard {
    pub(super) fn speaking(spoken: KeyFlags) -> Self {
        Self { spoken, ..Self::default() }
    }

    /// The same one, with nothing asked for.
    pub(super) fn reset(&self) -> Self {
        Self::speaking(self.spoken)
    }

    /// The flags of this screen.
    pub(super) fn flags(&self, alternate: bool) -> KeyFlags {
        KeyFlags(self.stacks[usize::from(alternate)].last().copied().unwrap_or_default())
    }

    /// What a query is told: nothing by a terminal that does not speak the protocol.
    pub(super) fn told(&self, alternate: bool) -> Option<u8> {
        (self.spoken != KeyFlags::NONE).then(|| self.flags(alternate).0)
    }

    /// `CSI > flags u` pushes, `CSI < count u` pops, `CSI = flags ; how u` changes the newest.
    pub(super) fn set(&mut self, mark: u8, p: &Parameters, alternate: bool) {
        let spoken = self.spoken.0;
        let asked = p.raw(0) as u8 & spoken;
        let stack = &mut self.stacks[usize::from(alternate)];
        match mark {
            b'<' => stack.truncate(stack.len().saturating_sub(p.count(0))),
            b'>' => {
                if stack.len() == DEEPEST {
                    stack.remove(0);
                }
                stack.push(asked);
            }
            _ => {
                let now = stack.pop().unwrap_or_default();
                stack.push(match p.count(1) {
                    1 => asked,
                    2 => now | asked,
                    3 => now & !asked,
                    _ => now,
                });
            }
        }
    }
}
