//! Whether a worker runs away: what it uses against its bounds, look by look. Pure: it is told what was
//! seen and when, and says what began and what is over.
//!
//! Too much for `hold` makes a runaway; no more than the bound for as long ends it. What goes up and
//! down around its bound is thus told once.

use crate::protocol::{Excess, Measure, Usage};
use crate::spec::{Bound, Memory, RunawayAction, RunawayPolicy};
use std::time::{Duration, Instant};

/// What is known of the place where a worker runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings {
    /// Somebody looks: the defaults hold too.
    pub(super) looked_at: bool,
    /// The machine's memory in bytes; 0 if it is not known.
    pub(super) memory: u64,
}

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// It has been too much for long enough.
    Began(Excess, Duration),
    /// It is over.
    Over(Measure),
}

/// One measure with its bound.
#[derive(Debug)]
struct Gauge {
    measure: Measure,
    bound: u64,
    action: RunawayAction,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Calm,
    Above { since: Instant },
    Runaway { since: Instant, below_since: Option<Instant> },
}

/// One worker's gauges.
#[derive(Debug)]
pub(super) struct Watch {
    hold: Duration,
    gauges: Vec<Gauge>,
    /// How much it had said at the look before.
    said: Option<(Instant, u64)>,
}

impl Watch {
    pub(super) fn new(policy: &RunawayPolicy, surroundings: Surroundings) -> Self {
        let Surroundings { looked_at, memory } = surroundings;
        let share = |percent: u8| memory / 100 * u64::from(percent);
        let bytes = |amount| match amount {
            Memory::Bytes(bytes) => bytes,
            Memory::Percent(percent) => share(percent),
        };
        let whole = |bound, default| resolve(bound, default, |count| count);
        let bounds = [
            (Measure::Cpu, whole(policy.cpu, None)),
            (Measure::Memory, resolve(policy.memory, Some(share(RunawayPolicy::MEMORY_PERCENT)), bytes)),
            (Measure::Processes, whole(policy.processes, Some(RunawayPolicy::PROCESSES))),
            (Measure::Output, whole(policy.output, Some(RunawayPolicy::OUTPUT))),
        ];
        let gauge = |(measure, bound): (Measure, Option<(u64, bool)>)| {
            let (bound, said) = bound?;
            // A share of a memory that is not known is no bound.
            let holds = (said || looked_at) && !(measure == Measure::Memory && bound == 0);
            let action = if said { policy.action } else { RunawayAction::Warn };
            holds.then_some(Gauge { measure, bound, action, stage: Stage::Calm })
        };
        Self { hold: policy.hold, gauges: bounds.into_iter().filter_map(gauge).collect(), said: None }
    }

    /// Whether there is anything to watch.
    pub(super) fn is_idle(&self) -> bool {
        self.gauges.is_empty()
    }

    /// Another run, or the same after a freeze: nothing is held against it.
    pub(super) fn begin_anew(&mut self) {
        self.said = None;
        self.gauges.iter_mut().for_each(|gauge| gauge.stage = Stage::Calm);
    }

    /// What is too much now.
    pub(super) fn excesses(&self) -> impl Iterator<Item = Excess> {
        self.gauges.iter().filter_map(Gauge::excess)
    }

    /// Takes a look: what its tree uses, and how many bytes it has said so far.
    pub(super) fn look(&mut self, now: Instant, usage: &Usage, said: u64) -> Vec<Finding> {
        let rate = self.said.and_then(|(at, before)| {
            let seconds = now.saturating_duration_since(at).as_secs_f64();
            (seconds > 0.0).then(|| (said.saturating_sub(before) as f64 / seconds) as u64)
        });
        self.said = Some((now, said));
        let hold = self.hold;
        let mut findings = Vec::new();
        for gauge in &mut self.gauges {
            let value = match gauge.measure {
                Measure::Cpu => usage.cpu_percent.map(|percent| percent as u64),
                Measure::Memory => Some(usage.memory),
                Measure::Processes => Some(usage.processes.into()),
                Measure::Output => rate,
            };
            // Not known yet: that needs two looks.
            findings.extend(value.and_then(|value| gauge.step(now, value > gauge.bound, hold)));
        }
        findings
    }
}

/// The bound, and whether it was said.
fn resolve<T: Copy>(bound: Bound<T>, default: Option<u64>, value: impl Fn(T) -> u64) -> Option<(u64, bool)> {
    match bound {
        Bound::Default => default.map(|bound| (bound, false)),
        Bound::Never => None,
        Bound::At(bound) => Some((value(bound), true)),
    }
}

impl Gauge {
    fn step(&mut self, now: Instant, above: bool, hold: Duration) -> Option<Finding> {
        let long_ago = |moment| now.saturating_duration_since(moment) >= hold;
        let (stage, finding) = match (self.stage, above) {
            (Stage::Calm | Stage::Above { .. }, false) => (Stage::Calm, None),
            (Stage::Calm, true) => self.above(now, now, hold),
            (Stage::Above { since }, true) => self.above(now, since, hold),
            (Stage::Runaway { since, .. }, true) => (Stage::Runaway { since, below_since: None }, None),
            (Stage::Runaway { below_since: Some(below), .. }, false) if long_ago(below) => {
                (Stage::Calm, Some(Finding::Over(self.measure)))
            }
            (Stage::Runaway { since, below_since }, false) => {
                (Stage::Runaway { since, below_since: below_since.or(Some(now)) }, None)
            }
        };
        self.stage = stage;
        finding
    }

    fn above(&self, now: Instant, since: Instant, hold: Duration) -> (Stage, Option<Finding>) {
        let after = now.saturating_duration_since(since);
        if after < hold {
            return (Stage::Above { since }, None);
        }
        let excess = Excess { measure: self.measure, bound: self.bound, since, action: self.action };
        (Stage::Runaway { since, below_since: None }, Some(Finding::Began(excess, after)))
    }

    fn excess(&self) -> Option<Excess> {
        let Stage::Runaway { since, .. } = self.stage else { return None };
        Some(Excess { measure: self.measure, bound: self.bound, since, action: self.action })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn watch(policy: &RunawayPolicy, looked_at: bool) -> Watch {
        Watch::new(policy, Surroundings { looked_at, memory: 10 * GIB })
    }

    fn cpu(bound: u64) -> RunawayPolicy {
        RunawayPolicy {
            cpu: Bound::At(bound),
            hold: Duration::from_secs(3),
            action: RunawayAction::Freeze,
            ..RunawayPolicy::default()
        }
    }

    /// What comes of a look a second at these values.
    fn findings<const N: usize>(watch: &mut Watch, usages: [Usage; N]) -> Vec<(usize, Finding)> {
        let start = crate::sys::clock::now();
        let looks = usages.iter().enumerate();
        let look = |(second, usage): (usize, &Usage)| {
            let now = start + Duration::from_secs(second as u64);
            watch.look(now, usage, 0).into_iter().map(move |finding| (second, finding))
        };
        looks.flat_map(look).collect()
    }

    fn at_percent(percent: f32) -> Usage {
        Usage { cpu_percent: Some(percent), ..Usage::default() }
    }

    #[test]
    fn too_much_for_long_enough_is_told_once_and_its_end_once() {
        let mut watch = watch(&cpu(90), false);
        let high = [99.0; 5].map(at_percent);
        let told = findings(&mut watch, high);
        assert!(matches!(
            told[..],
            [(3, Finding::Began(Excess { measure: Measure::Cpu, bound: 90, .. }, _))]
        ));
        assert_eq!(watch.excesses().count(), 1);
        let low = [10.0, 99.0, 10.0, 10.0, 10.0, 10.0, 10.0].map(at_percent);
        assert_eq!(findings(&mut watch, low), [(5, Finding::Over(Measure::Cpu))]);
        assert_eq!(watch.excesses().count(), 0);
    }

    #[test]
    fn a_moment_below_begins_the_wait_anew_and_the_bound_itself_is_not_too_much() {
        let mut watch = watch(&cpu(90), false);
        let values = [99.0, 99.0, 99.0, 90.0, 99.0, 99.0, 99.0].map(at_percent);
        assert_eq!(findings(&mut watch, values), []);
    }

    #[test]
    fn since_is_when_it_was_first_above() {
        let mut watch = watch(&cpu(90), false);
        let start = crate::sys::clock::now();
        for second in 0..6 {
            watch.look(start + Duration::from_secs(second), &at_percent(100.0), 0);
        }
        assert_eq!(watch.excesses().next().map(|excess| excess.since), Some(start));
    }

    #[test]
    fn output_is_a_rate_and_needs_two_looks() {
        let policy = RunawayPolicy { output: Bound::At(1000), hold: Duration::ZERO, ..cpu(90) };
        let mut watch = watch(&policy, false);
        let start = crate::sys::clock::now();
        let mut look =
            |second, said| watch.look(start + Duration::from_secs(second), &Usage::default(), said);
        assert_eq!(look(0, 1_000_000), [], "said before anybody looked");
        assert_eq!(look(2, 1_002_000), []);
        assert_eq!(look(4, 1_004_002).len(), 1);
    }

    #[test]
    fn defaults_hold_where_somebody_looks_and_only_warn() {
        let bomb = Usage { processes: 1001, memory: 10 * GIB, ..Usage::default() };
        let policy = RunawayPolicy { hold: Duration::ZERO, action: RunawayAction::Terminate, ..cpu(90) };
        assert_eq!(findings(&mut watch(&policy, false), [bomb]), []);
        let told = findings(&mut watch(&policy, true), [bomb]);
        let actions: Vec<_> = told
            .iter()
            .map(|(_, finding)| match finding {
                Finding::Began(excess, _) => (excess.measure, excess.action),
                Finding::Over(_) => panic!("{finding:?}"),
            })
            .collect();
        let warn = RunawayAction::Warn;
        assert_eq!(actions, [(Measure::Memory, warn), (Measure::Processes, warn)]);
    }

    #[test]
    fn a_default_can_be_switched_off_and_a_share_is_of_the_machine() {
        let policy = RunawayPolicy {
            memory: Bound::At(Memory::Percent(50)),
            processes: Bound::Never,
            hold: Duration::ZERO,
            ..RunawayPolicy::default()
        };
        let usage = Usage { processes: 5000, memory: 5 * GIB + 100, ..Usage::default() };
        let told = findings(&mut watch(&policy, true), [usage]);
        assert!(matches!(told[..], [(0, Finding::Began(Excess { measure: Measure::Memory, .. }, _))]));
        assert!(watch(&RunawayPolicy::default(), false).is_idle());
        assert!(!RunawayPolicy { processes: Bound::Never, ..RunawayPolicy::default() }.is_declared());
    }

    #[test]
    fn another_run_is_not_blamed_for_the_one_before() {
        let mut watch = watch(&cpu(90), false);
        findings(&mut watch, [99.0; 3].map(at_percent));
        watch.begin_anew();
        assert_eq!(findings(&mut watch, [99.0; 3].map(at_percent)), []);
    }
}
