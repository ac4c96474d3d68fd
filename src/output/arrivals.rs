//! When the lines on a terminal's grid came: the log gets them later, when they leave it. Knows no
//! grid.

use std::collections::VecDeque;
use std::time::SystemTime;

/// Ends of lines that are still on the grid, by when they came.
#[derive(Debug)]
pub(super) struct Arrivals {
    /// Lines before this number ended by then; both only grow.
    ended: VecDeque<(u64, SystemTime)>,
    /// The newest time: within a worker time never goes back, also where the clock does.
    last: SystemTime,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self { ended: VecDeque::new(), last: SystemTime::UNIX_EPOCH }
    }
}

impl Arrivals {
    /// Something comes now. Returns the time that it counts as.
    pub(super) fn come(&mut self, at: SystemTime) -> SystemTime {
        self.last = self.last.max(at);
        self.last
    }

    /// The lines before this number have ended: the cursor is on it or was below.
    pub(super) fn ended_before(&mut self, line: u64) {
        if self.ended.back().is_none_or(|(known, _)| *known < line) {
            self.ended.push_back((line, self.last));
        }
    }

    /// When this line came: it ended then, or else it is still being written.
    pub(super) fn of(&self, line: u64) -> SystemTime {
        let place = self.ended.partition_point(|(end, _)| *end <= line);
        self.ended.get(place).map_or(self.last, |(_, at)| *at)
    }

    /// When what comes now comes.
    pub(super) fn now(&self) -> SystemTime {
        self.last
    }

    /// The lines before this number are in the log.
    pub(super) fn forget_before(&mut self, line: u64) {
        while self.ended.front().is_some_and(|(end, _)| *end <= line) {
            self.ended.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    #[test]
    fn a_line_came_when_the_cursor_left_it() {
        let mut arrivals = Arrivals::default();
        arrivals.come(at(1));
        arrivals.ended_before(2);
        arrivals.come(at(5));
        arrivals.ended_before(3);
        arrivals.come(at(9));
        arrivals.ended_before(1);
        assert_eq!([0, 1, 2, 3].map(|line| arrivals.of(line)), [at(1), at(1), at(5), at(9)]);
        assert_eq!(arrivals.now(), at(9));
        arrivals.forget_before(2);
        assert_eq!([2, 3].map(|line| arrivals.of(line)), [at(5), at(9)]);
        assert_eq!(arrivals.ended.len(), 1);
    }

    #[test]
    fn time_never_goes_back() {
        let mut arrivals = Arrivals::default();
        assert_eq!(arrivals.come(at(7)), at(7));
        assert_eq!(arrivals.come(at(3)), at(7));
    }
}
