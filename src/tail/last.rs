//! Where the last lines of a file begin: read backwards in blocks, so that a large file is not read as a
//! whole.

use memchr::memrchr_iter;
use std::io;

/// How much is read at once.
const BLOCK: usize = 64 * 1024;

/// How far back it looks at most: lines that are longer than that altogether are not shown whole.
const FARTHEST: u64 = 64 << 20;

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) offset: u64,
    /// The lines are so long that it begins within one.
    pub(super) cut: bool,
}

/// Where the last `lines` of the first `length` bytes begin; a line that has no end yet counts as one.
/// `read` fills the buffer from an offset on, and says how much of it.
///
/// # Errors
/// What `read` says.
pub(super) fn start_of_last(
    lines: u64,
    length: u64,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<Start> {
    let whole = |offset| Start { offset, cut: false };
    if lines == 0 {
        return Ok(whole(length));
    }
    let (mut end, mut left) = (length, lines);
    let mut block = vec![0; BLOCK];
    while end > 0 {
        if length - end >= FARTHEST {
            return Ok(Start { offset: end, cut: true });
        }
        let begin = (end - 1) / BLOCK as u64 * BLOCK as u64;
        let wanted = usize::try_from(end - begin).expect("it is a block at most");
        let count = fill(&mut block[..wanted], begin, &mut read)?;
        if count < wanted {
            // It was truncated meanwhile: all that is there is new.
            return Ok(whole(0));
        }
        for newline in memrchr_iter(b'\n', &block[..count]) {
            let after = begin + newline as u64 + 1;
            // The end of the last line is no beginning of another.
            if after == length {
                continue;
            }
            left -= 1;
            if left == 0 {
                return Ok(whole(after));
            }
        }
        end = begin;
    }
    Ok(whole(0))
}

fn fill(
    block: &mut [u8],
    from: u64,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match read(&mut block[filled..], from + filled as u64)? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn start(bytes: &[u8], lines: u64) -> Start {
        // As little at once as a file may give.
        let read = |block: &mut [u8], from: u64| {
            let rest = bytes.get(from as usize..).unwrap_or_default();
            let count = rest.len().min(block.len()).min(40_000);
            block[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        };
        start_of_last(lines, bytes.len() as u64, read).unwrap()
    }

    fn naive(bytes: &[u8], lines: u64) -> u64 {
        let all: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let skipped = all.len().saturating_sub(lines as usize);
        all[..skipped].iter().map(|line| line.len() as u64).sum()
    }

    #[test]
    fn a_line_without_an_end_counts() {
        assert_eq!(start(b"a\nb\nc", 1).offset, 4);
        assert_eq!(start(b"a\nb\nc\n", 1).offset, 4);
        assert_eq!(start(b"a\nb\nc\n\n", 1).offset, 6);
        assert_eq!(start(b"a\nb\n", 9).offset, 0);
        assert_eq!(start(b"a\nb\n", 0).offset, 4);
        assert_eq!(start(b"", 3).offset, 0);
    }

    #[test]
    fn lines_that_are_too_long_are_cut() {
        let long = vec![b'x'; FARTHEST as usize + 3 * BLOCK];
        let found = start(&long, 10);
        assert!(found.cut && long.len() as u64 - found.offset >= FARTHEST, "{found:?}");
    }

    #[test]
    fn a_file_that_is_shorter_by_now_is_read_from_its_start() {
        let read = |_: &mut [u8], _| Ok(0);
        assert_eq!(start_of_last(10, 1000, read).unwrap(), Start { offset: 0, cut: false });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn as_counted_from_the_front(
            pieces in proptest::collection::vec((0_usize..3, 0_usize..70_000), 0..12),
            lines in 0_u64..8,
        ) {
            let mut bytes = Vec::new();
            for (newlines, text) in pieces {
                bytes.extend(std::iter::repeat_n(b'x', text));
                bytes.extend(std::iter::repeat_n(b'\n', newlines));
            }
            prop_assert_eq!(start(&bytes, lines).offset, naive(&bytes, lines));
        }
    }
}
