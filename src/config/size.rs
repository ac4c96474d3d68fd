//! Sizes in bytes as people write them: `512M`, `2G`.

/// Reads a whole number of bytes with `K`, `M`, `G` or `T` (times 1024) behind it, also as `KiB`.
pub(super) fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    number.checked_mul(factor(unit.trim_start())?)
}

/// Bytes in the shortest words that [`parse`] reads back.
pub(super) fn write(bytes: u64) -> String {
    let units = [("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)];
    match units.into_iter().find(|(_, factor)| bytes >= *factor && bytes.is_multiple_of(*factor)) {
        Some((unit, factor)) => format!("{}{unit}", bytes / factor),
        None => bytes.to_string(),
    }
}

fn factor(unit: &str) -> Option<u64> {
    let power = match unit {
        "" | "B" => 0,
        "K" | "k" | "KiB" => 1,
        "M" | "MiB" => 2,
        "G" | "GiB" => 3,
        "T" | "TiB" => 4,
        _ => return None,
    };
    Some(1024_u64.pow(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for bytes in [0, 1, 1023, 1024, 256 << 10, 2 << 20, (1 << 30) + 1024, 7 << 40] {
            assert_eq!(parse(&write(bytes)), Some(bytes));
        }
        assert_eq!(write(256 << 10), "256K");
    }

    #[test]
    fn sizes_are_read_in_powers_of_1024() {
        for (text, bytes) in [
            ("0", 0),
            ("1024", 1024),
            ("64K", 65536),
            ("64 KiB", 65536),
            ("2G", 2 << 30),
            ("1T", 1 << 40),
            ("7B", 7),
        ] {
            assert_eq!(parse(text), Some(bytes), "{text}");
        }
        // `KB` is 1000 to some and 1024 to others.
        for text in ["", "G", "2X", "2GB", "-1", "1.5G", "18446744073709551616", "99999999999T"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
