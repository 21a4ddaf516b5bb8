//! Whether there is disk space for a login.

use super::Finding;
use super::facts::Facts;
use crate::codex::quote;

/// With less than this, writing or renewing a login, and codex's own databases, may fail. In KiB.
const LITTLE: u64 = 20 * 1024;

pub(super) fn disk(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The columns of `df -P`: file system, blocks, used, available, percentage, mount point.
    let words: Vec<&str> = facts.more.space.split_whitespace().collect();
    let free = words.get(3).and_then(|free| free.parse::<u64>().ok());
    let at = words.get(5..).map(|at| at.join(" ")).unwrap_or_default();
    findings.push(match free {
        None => Finding::note("disk", "free disk space unknown"),
        Some(0) => Finding::bad("disk", format!("{at} is full: no login can be written or renewed"))
            .there(format!("du -xh {} | sort -h | tail", quote(&at))),
        Some(free) if free < LITTLE => {
            Finding::bad("disk", format!("{at} has {free} KiB left: codex's own files may not fit"))
                .there(format!("du -xh {} | sort -h | tail", quote(&at)))
        }
        Some(free) => Finding::good("disk", format!("{} MiB left on {at}", free / 1024)),
    });
    if !facts.more.quota.is_empty() {
        findings
            .push(Finding::bad("quota", format!("a limit is passed: {}", facts.more.quota)).there("quota"));
    }
    findings
}
