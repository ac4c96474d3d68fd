//! Colours by name, by number and as `#rrggbb`.

use crate::spec::NameColor;

/// The names, in the order of the terminal's own colours 0 to 15.
pub(super) const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

/// Reads `red`, `bright-blue`, `gray` (bright black) or `#ff8800`.
pub(super) fn parse(text: &str) -> Option<NameColor> {
    if let Some(hex) = text.strip_prefix('#') {
        return parse_hex(hex);
    }
    let word = match text {
        "gray" | "grey" => "bright-black",
        _ => text,
    };
    let index = NAMES.iter().position(|name| *name == word)?;
    u8::try_from(index).ok().map(NameColor::Indexed)
}

fn parse_hex(hex: &str) -> Option<NameColor> {
    // `from_str_radix` would take a sign.
    if hex.len() != 6 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let channel = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).ok();
    Some(NameColor::Rgb(channel(0)?, channel(2)?, channel(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_by_name_and_as_hex() {
        assert_eq!(parse("red"), Some(NameColor::Indexed(1)));
        assert_eq!(parse("bright-blue"), Some(NameColor::Indexed(12)));
        assert_eq!(parse("gray"), Some(NameColor::Indexed(8)));
        assert_eq!(parse("#Ff8800"), Some(NameColor::Rgb(255, 136, 0)));
        for bad in ["", "#", "#f80", "#ff880", "#ff88000", "#+f8800", "#ééé", "pink"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
