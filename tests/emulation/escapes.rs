//! Bytes as readable text and back: `\e` is ESC, `\n`, `\r`, `\t`, `\b`, `\a`, `\\`, `\xNN` any other one.

use std::fmt::Write;

/// The bytes that this text stands for; what is not escaped stands for its UTF-8.
pub(super) fn read(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        bytes.push(match characters.next().expect("a character after the backslash") {
            'e' => 0x1b,
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'b' => 0x08,
            'a' => 0x07,
            '\\' => b'\\',
            'x' => {
                let digits: String = characters.by_ref().take(2).collect();
                u8::from_str_radix(&digits, 16).expect("two hexadecimal digits after \\x")
            }
            other => panic!("`\\{other}` is no escape"),
        });
    }
    bytes
}

/// The text that stands for these bytes.
pub(super) fn write(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\x1b' => text.push_str("\\e"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\x08' => text.push_str("\\b"),
                '\x07' => text.push_str("\\a"),
                '\\' => text.push_str("\\\\"),
                '\0'..=' ' | '\x7f' if character != ' ' => {
                    push_byte(&mut text, character as u8);
                }
                other => text.push(other),
            }
        }
        chunk.invalid().iter().for_each(|byte| push_byte(&mut text, *byte));
    }
    text
}

fn push_byte(text: &mut String, byte: u8) {
    let _ = write!(text, "\\x{byte:02x}");
}

#[test]
fn what_is_written_is_read_back() {
    let bytes = b"a\x1b[1m\\ \xff\xc3\xa9\r\n\t\x07\x08\x00\x7f";
    assert_eq!(write(bytes), r"a\e[1m\\ \xffé\r\n\t\a\b\x00\x7f");
    assert_eq!(read(&write(bytes)), bytes);
}
