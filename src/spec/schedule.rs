//! When a worker with a timer runs, and what becomes of a run that is due while the last one is
//! still on. Knows no clock: asked for what comes after a moment, it says which.

use croner::parser::{CronParser, Seconds, Year};
use jiff::fmt::friendly::SpanPrinter;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A worker's timer, as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// When it runs.
    pub timing: Timing,
    /// What becomes of a run that is due while the last one is still on. Default: it is skipped.
    pub overlap: Overlap,
}

/// When a worker with a timer runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timing {
    /// At the start of its timer, and then each time that this long has gone by, from start to
    /// start. On the monotonic clock: no change of the wall clock moves it.
    Every(Duration),
    /// When the wall clock says so.
    Cron(Cron),
}

impl fmt::Display for Timing {
    /// `every 5m`, `cron 0 2 * * *`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(period) => {
                let period = SignedDuration::try_from(*period).unwrap_or(SignedDuration::MAX);
                write!(f, "every {}", SpanPrinter::new().duration_to_string(&period))
            }
            Self::Cron(cron) => write!(f, "cron {cron}"),
        }
    }
}

/// What becomes of a run that is due while the last one is still on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// It is left out.
    #[default]
    Skip,
    /// It waits for the last one to end. One waits at most; more are left out.
    Queue,
    /// The last one is stopped for it, as a restart does.
    Replace,
}

/// A time pattern of crontab(5): five fields, or six with the second first, or a nickname as `@daily`.
///
/// Days are matched as in crontab(5): where both the day of the month and the weekday are
/// restricted, one of them is enough. Where a change of daylight saving time skips what a pattern
/// with one time a day asks for, it comes right after the gap; a doubled hour has it once, the first
/// time. Patterns with `*`, steps or lists of hours or minutes follow the clock as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: Arc<str>,
    pattern: Arc<croner::Cron>,
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronMistake {
    /// Neither five nor six fields.
    #[error("this has {0} field{s}", s = if *.0 == 1 { "" } else { "s" })]
    Fields(usize),
    /// Begins with `@` and is no nickname.
    #[error("no such nickname")]
    Nickname,
    /// `@reboot`.
    #[error("this is no time")]
    Reboot,
    /// One field cannot be.
    #[error("`{text}` cannot be its {field}")]
    Field {
        /// What was written.
        text: String,
        /// Which field it is, in words.
        field: &'static str,
        /// What it may be, in words.
        range: &'static str,
    },
    /// No day is like this.
    #[error("no day is ever like this")]
    Never,
}

impl CronMistake {
    /// What to write instead.
    pub fn mend(&self) -> String {
        match self {
            Self::Fields(_) => {
                "five: minute, hour, day of the month, month, weekday, as \"30 2 * * *\"; or six, with the second first"
                    .to_owned()
            }
            Self::Nickname => {
                let names: Vec<&str> = NICKNAMES.iter().map(|(name, _)| *name).collect();
                format!("one of {}", names.join(", "))
            }
            Self::Reboot => "a worker without a timer starts with minder".to_owned(),
            Self::Field { range, .. } => (*range).to_owned(),
            Self::Never => "look at its day of the month and its month".to_owned(),
        }
    }
}

const NICKNAMES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// The fields, the second first: what each is called, what it may be, and whether it takes letters.
const FIELDS: [(&str, &str, bool); 6] = [
    ("second", "0 to 59, with `*`, `,`, `-` and `/`", false),
    ("minute", "0 to 59, with `*`, `,`, `-` and `/`", false),
    ("hour", "0 to 23, with `*`, `,`, `-` and `/`", false),
    ("day of the month", "1 to 31, or L for the last, with `*`, `,`, `-` and `/`", true),
    ("month", "1 to 12 or JAN to DEC, with `*`, `,`, `-` and `/`", true),
    ("weekday", "0 to 7 (0 and 7 are Sunday) or SUN to SAT, with `*`, `,`, `-` and `/`", true),
];

impl Cron {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it; a pattern that never comes is wrong too.
    pub fn new(text: &str) -> Result<Self, CronMistake> {
        let text = text.trim();
        let expanded = expand(text)?;
        let fields: Vec<&str> = expanded.split_whitespace().collect();
        let Some(left_out) = FIELDS.len().checked_sub(fields.len()).filter(|left_out| *left_out <= 1) else {
            return Err(CronMistake::Fields(fields.len()));
        };
        for (place, field) in fields.iter().enumerate() {
            look_at_field(left_out + place, field)?;
        }
        let pattern = parse(expanded).map_err(|_| CronMistake::Fields(fields.len()))?;
        let cron = Self { text: text.into(), pattern: Arc::new(pattern) };
        // Whichever leap years there are, there is one within eight years of any other.
        let found = cron.next_after(Timestamp::UNIX_EPOCH, &TimeZone::UTC);
        if found.is_some() { Ok(cron) } else { Err(CronMistake::Never) }
    }

    /// The first moment after this one that it means in this time zone.
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let after = after.to_zoned(zone.clone());
        self.pattern.find_next_occurrence(&after, false).ok().map(|next| next.timestamp())
    }
}

impl fmt::Display for Cron {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn expand(text: &str) -> Result<&str, CronMistake> {
    if !text.starts_with('@') {
        return Ok(text);
    }
    if text.eq_ignore_ascii_case("@reboot") {
        return Err(CronMistake::Reboot);
    }
    let found = NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, pattern)| *pattern).ok_or(CronMistake::Nickname)
}

/// The parser's own words name no field: each is tried alone.
fn look_at_field(place: usize, text: &str) -> Result<(), CronMistake> {
    let (field, range, letters) = FIELDS[place];
    let alone: Vec<&str> = (0..FIELDS.len()).map(|other| if other == place { text } else { "*" }).collect();
    let readable = letters || !text.contains(char::is_alphabetic);
    if readable && parse(&alone.join(" ")).is_ok() {
        return Ok(());
    }
    Err(CronMistake::Field { text: text.to_owned(), field, range })
}

fn parse(text: &str) -> Result<croner::Cron, croner::errors::CronError> {
    CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build().parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Berlin's rules, without the system's files.
    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    /// The next few moments after `after`, both in Berlin's local time with its offset.
    fn next(pattern: &str, after: &str, count: usize) -> Vec<String> {
        let cron = Cron::new(pattern).unwrap();
        let mut at: Timestamp = after.parse().unwrap();
        let mut found = Vec::new();
        for _ in 0..count {
            at = cron.next_after(at, &berlin()).unwrap();
            found.push(at.to_zoned(berlin()).strftime("%a %m-%d %H:%M:%S%:z").to_string());
        }
        found
    }

    #[test]
    fn patterns_come_when_crontab_says() {
        for (pattern, expected) in [
            ("30 2 * * *", ["Mon 11-23 02:30:00+01:00", "Tue 11-24 02:30:00+01:00"]),
            ("*/20 * * * *", ["Sun 11-22 12:20:00+01:00", "Sun 11-22 12:40:00+01:00"]),
            ("15,45 9-17/4 * * mon-fri", ["Mon 11-23 09:15:00+01:00", "Mon 11-23 09:45:00+01:00"]),
            ("0 0 1 jan *", ["Fri 01-01 00:00:00+01:00", "Sat 01-01 00:00:00+01:00"]),
            ("0 12 13 * 5", ["Fri 11-27 12:00:00+01:00", "Fri 12-04 12:00:00+01:00"]),
            ("0 0 * * 7", ["Sun 11-29 00:00:00+01:00", "Sun 12-06 00:00:00+01:00"]),
            ("0 0 L * *", ["Mon 11-30 00:00:00+01:00", "Thu 12-31 00:00:00+01:00"]),
            ("*/30 * * * * *", ["Sun 11-22 12:00:30+01:00", "Sun 11-22 12:01:00+01:00"]),
            ("@hourly", ["Sun 11-22 13:00:00+01:00", "Sun 11-22 14:00:00+01:00"]),
            ("@Midnight", ["Mon 11-23 00:00:00+01:00", "Tue 11-24 00:00:00+01:00"]),
        ] {
            assert_eq!(next(pattern, "2026-11-22T12:00:00+01:00", 2), expected, "{pattern}");
        }
    }

    #[test]
    fn a_moment_within_a_second_is_before_the_next_and_after_its_own() {
        assert_eq!(next("* * * * *", "2026-11-22T11:59:59.999+01:00", 1), ["Sun 11-22 12:00:00+01:00"]);
        assert_eq!(next("* * * * *", "2026-11-22T12:00:00.003+01:00", 1), ["Sun 11-22 12:01:00+01:00"]);
        let at = Cron::new("* * * * *")
            .unwrap()
            .next_after("2026-11-22T12:00:00.003Z".parse().unwrap(), &berlin());
        assert_eq!(at.unwrap().subsec_nanosecond(), 0);
    }

    #[test]
    fn one_time_a_day_that_spring_skips_comes_right_after_the_gap() {
        let days = ["Sat 03-28 02:30:00+01:00", "Sun 03-29 03:00:00+02:00", "Mon 03-30 02:30:00+02:00"];
        assert_eq!(next("30 2 * * *", "2026-03-27T12:00:00+01:00", 3), days);
        let hours = ["Sun 03-29 01:30:00+01:00", "Sun 03-29 03:30:00+02:00"];
        assert_eq!(next("30 * * * *", "2026-03-29T01:00:00+01:00", 2), hours);
    }

    #[test]
    fn one_time_a_day_that_autumn_doubles_comes_once_and_every_half_hour_goes_on() {
        let days = ["Sun 10-25 02:30:00+02:00", "Mon 10-26 02:30:00+01:00"];
        assert_eq!(next("30 2 * * *", "2026-10-24T12:00:00+02:00", 2), days);
        let halves = [
            "Sun 10-25 02:00:00+02:00",
            "Sun 10-25 02:30:00+02:00",
            "Sun 10-25 02:00:00+01:00",
            "Sun 10-25 02:30:00+01:00",
            "Sun 10-25 03:00:00+01:00",
        ];
        assert_eq!(next("*/30 * * * *", "2026-10-25T01:30:00+02:00", 5), halves);
    }

    #[test]
    fn a_mistake_names_its_field() {
        for (pattern, words) in [
            ("60 * * * *", "`60` cannot be its minute"),
            ("0 24 * * *", "`24` cannot be its hour"),
            ("0 mon * * *", "`mon` cannot be its hour"),
            ("0 0 0 * *", "`0` cannot be its day of the month"),
            ("0 0 1 13 *", "`13` cannot be its month"),
            ("0 0 * * 8", "`8` cannot be its weekday"),
            ("0 0 * * funday", "`funday` cannot be its weekday"),
            ("*/0 * * * *", "`*/0` cannot be its minute"),
            ("70 0 0 * * *", "`70` cannot be its second"),
            ("5-1 * * * *", "`5-1` cannot be its minute"),
            ("* * * *", "this has 4 fields"),
            ("* * * * * * 2027", "this has 7 fields"),
            ("", "this has 0 fields"),
            ("daily", "this has 1 field"),
            ("@fortnightly", "no such nickname"),
            ("@reboot", "this is no time"),
            ("0 0 30 2 *", "no day is ever like this"),
        ] {
            let mistake = Cron::new(pattern).expect_err(pattern);
            assert_eq!(mistake.to_string(), words, "{pattern}");
            assert!(!mistake.mend().is_empty());
        }
    }

    #[test]
    fn a_timing_says_itself() {
        let every = |seconds| Timing::Every(Duration::from_secs(seconds)).to_string();
        assert_eq!([every(300), every(5400)], ["every 5m", "every 1h 30m"]);
        assert_eq!(Timing::Cron(Cron::new(" @daily ").unwrap()).to_string(), "cron @daily");
    }
}
