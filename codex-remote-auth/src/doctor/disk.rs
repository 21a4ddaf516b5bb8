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
        Some(0) => Finding::problem("disk", format!("{at} is full: no login can be written or renewed"))
            .on_host(format!("du -xh {} | sort -h | tail", quote(&at))),
        Some(free) if free < LITTLE => {
            Finding::problem("disk", format!("{at} has {free} KiB left: codex's own files may not fit"))
                .on_host(format!("du -xh {} | sort -h | tail", quote(&at)))
        }
        Some(free) => Finding::ok("disk", format!("{} MiB left on {at}", free / 1024)),
    });
    if !facts.more.quota.is_empty() {
        findings.push(
            Finding::problem("quota", format!("a limit is passed: {}", facts.more.quota)).on_host("quota"),
        );
    }
    findings
}
