//! Numbers in the words of reports.

/// A count with its thousands apart: `1,234`.
pub(super) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 line, 1,234 bytes`
pub(super) fn amount(lines: u64, bytes: u64) -> String {
    let counted =
        |count, one: &str| format!("{} {one}{}", thousands(count), if count == 1 { "" } else { "s" });
    format!("{}, {}", counted(lines, "line"), counted(bytes, "byte"))
}

/// What is added where lines were gone before they were reached.
pub(super) fn gone(lines: u64) -> String {
    if lines == 0 { String::new() } else { format!("; {} lines before them had to go", thousands(lines)) }
}
