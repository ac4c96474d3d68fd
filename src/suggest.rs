//! "Did you mean": the known word nearest to a mistyped one. One rule for every room; it knows words
//! and nothing else.

/// The word of `known` that was most likely meant by `typed`, if one is near enough.
pub(crate) fn nearest<'w>(typed: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let near = known.into_iter().filter_map(|word| Some((distance(typed, word)?, word)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, word)| word)
}

/// How many slips lie between two words, if so few that one may be meant by the other.
pub(crate) fn distance(typed: &str, known: &str) -> Option<usize> {
    let (typed, known) = (fold(typed), fold(known));
    let lengths = [typed.chars().count(), known.chars().count()];
    let [short, long] = [lengths.into_iter().min()?, lengths.into_iter().max()?];
    let allowed = allowed(short);
    // Each character more is a slip: the cheap look first, for a PATH holds thousands of words.
    if long - short > allowed {
        return None;
    }
    Some(strsim::damerau_levenshtein(&typed, &known)).filter(|distance| *distance <= allowed)
}

/// Dashes, underscores and capitals are mistaken for one another most often of all.
fn fold(word: &str) -> String {
    // A word longer than any of ours is no near miss; the distance costs time by the square.
    word.chars().take(64).collect::<String>().to_lowercase().replace('-', "_")
}

/// One slip in a short word, a few in a longer one, never more than a third of it: two words of five
/// letters that share three have nothing to do with each other.
fn allowed(length: usize) -> usize {
    let slips = match length {
        0..=5 => 1,
        6..=8 => 2,
        _ => 3,
    };
    slips.min(length / 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_found_and_far_ones_are_not() {
        let known = ["restart", "reap", "cmd", "env", "focus", "touch", "on-failure"];
        for (typed, meant) in [
            ("restrat", Some("restart")),
            ("Reap", Some("reap")),
            ("evn", Some("env")),
            ("rea", Some("reap")),
            ("on_failuer", Some("on-failure")),
            ("colour", None),
            ("bogus", None),
            ("nosuch", None),
            ("rp", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
    }

    #[test]
    fn the_nearest_of_several_is_meant() {
        assert_eq!(nearest("terminate-al", ["terminate", "terminate-all"]), Some("terminate-all"));
    }
}
