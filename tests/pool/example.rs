//! The example of a pool, run as a user runs it.

use crate::support::program;
use std::path::PathBuf;

/// Beside the tests' own binary, where cargo puts the examples before it runs the tests.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn example(name: &str) -> Option<PathBuf> {
    let tests = std::env::current_exe().expect("we run");
    let found = tests.parent()?.parent()?.join("examples").join(name);
    if !found.exists() {
        eprintln!("skipped: {} is not built; plain `cargo test` builds it", found.display());
    }
    found.exists().then_some(found)
}

#[test]
fn the_crawler_visits_every_page_once_and_reports_each_error() {
    let Some(crawl) = example("crawl") else { return };
    for (workers, pages) in [("1", 40), ("4", 40)] {
        let finished =
            program(crawl.to_str().expect("a plain path")).args([workers, &pages.to_string()]).finish();
        let text = finished.stdout_text();
        assert!(finished.status.success(), "{text}");
        assert!(text.contains("waiting: /page/13: unreadable: every quote is closed\n"), "{text}");
        // Page n links to 2n + 1 and 2n + 2: of 40 pages, 20 to 39 lead nowhere, but 13's links are lost.
        let missing = text.lines().filter(|line| line.ends_with("HTTP/1.0 404 Not Found")).count();
        let good = text.lines().filter(|line| line.ends_with(" bytes")).count();
        let last = text.lines().last().expect("a summary");
        assert!(last.starts_with(&format!("{good} pages, ")), "{text}");
        assert!(
            last.contains(&format!(" {} errors;", missing + 1)) && last.contains(" 1 of them panicked"),
            "{text}"
        );
        assert_eq!(text.lines().count(), good + missing + 2);
        assert!(good > 30 && missing > 10, "{text}");
    }
}
