//! "Did you mean": the known word nearest to a mistyped one.

/// The word of `known` that was most likely meant by `typed`, if one is near enough.
pub(crate) fn nearest<'w>(typed: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let folded = fold(typed);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&folded, &fold(word)), word))
        .filter(|(distance, word)| *distance <= allowed(word.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// `"a"`, `"a" or "b"`, `"a", "b" or "c"`, each between `quote`s.
pub(super) fn listed<'w>(words: impl IntoIterator<Item = &'w str>, quote: char) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("{quote}{word}{quote}")).collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// Dashes, underscores and capitals are mistaken for one another most often of all.
fn fold(word: &str) -> String {
    // A word longer than any of ours is no near miss; the distance costs time by the square.
    word.chars().take(64).collect::<String>().to_lowercase().replace('-', "_")
}

/// One slip in a short word, two in a longer one.
fn allowed(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_found_and_far_ones_are_not() {
        let known = ["restart", "reap", "cmd", "env"];
        assert_eq!(nearest("restrat", known), Some("restart"));
        assert_eq!(nearest("Reap", known), Some("reap"));
        assert_eq!(nearest("evn", known), Some("env"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(listed(["a", "b", "c"], '`'), "`a`, `b` or `c`");
        assert_eq!(listed(["a"], '"'), "\"a\"");
    }
}
