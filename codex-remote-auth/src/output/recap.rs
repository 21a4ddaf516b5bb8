//! The end of a report on many hosts: one line per host, and counts of what happened.

use std::collections::BTreeMap;

use super::Colours;
use super::host_entry::one_line;
use crate::hosts::HostError;
use crate::remote::RemoteError;
use crate::ssh::shortened;

/// The longest text of a host, in characters, and the one that it may have on a narrow terminal too.
const LONGEST: usize = 120;
const SHORTEST: usize = 20;

/// What happened to a host. The order is that of the recap: what needs attention comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The work is done: the words say how it is counted.
    Done(&'static str),
    /// There was nothing to do.
    NothingToDo(&'static str),
    /// It is done in part.
    Partly(&'static str),
    /// What is on the host does not allow it.
    Refused,
    /// It was interrupted while in progress.
    Interrupted,
    /// It failed on the host.
    Failed,
    /// The host was not reached.
    NotReached,
    /// It was not started.
    NotStarted,
}

impl Group {
    /// How its hosts are counted.
    fn words(self) -> &'static str {
        match self {
            Self::Done(words) | Self::NothingToDo(words) | Self::Partly(words) => words,
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::NotReached => "not reached",
            Self::NotStarted => "not started",
        }
    }

    fn is_good(self) -> bool {
        matches!(self, Self::Done(_) | Self::NothingToDo(_))
    }
}

/// The group of a host whose work failed.
pub fn group_of(error: &HostError) -> Group {
    match error {
        HostError::NotBegun => Group::NotStarted,
        HostError::Interrupted { .. } => Group::Interrupted,
        HostError::Remote(RemoteError::Refused(_)) => Group::Refused,
        HostError::Remote(RemoteError::Ssh { problem, .. }) if problem.is_before_a_command() => {
            Group::NotReached
        }
        _ => Group::Failed,
    }
}

/// One line per host, grouped by what happened and why, and in the order given within a group; then the counts. Each
/// host is its name, its group, and what there is to say about it.
pub fn recap(hosts: &[(&str, Group, String)], colours: Colours, width: usize) -> String {
    let mut order: Vec<&(&str, Group, String)> = hosts.iter().collect();
    let first = |group: Group, why: &str| {
        hosts.iter().position(|(_, other, other_why)| *other == group && other_why == why)
    };
    order.sort_by_key(|(_, group, why)| (*group, first(*group, why)));
    let longest = |texts: &mut dyn Iterator<Item = String>| texts.map(|text| text.chars().count()).max();
    let names = longest(&mut hosts.iter().map(|(host, ..)| one_line(host))).unwrap_or_default();
    let words = longest(&mut hosts.iter().map(|(_, group, _)| group.words().to_owned())).unwrap_or_default();
    let room = width.saturating_sub(2 + names + 2 + words + 2).clamp(SHORTEST, LONGEST);
    let mut text = String::from("\nrecap:\n");
    for (host, group, why) in order {
        let word = format!("{:<words$}", group.words());
        let word = if group.is_good() { colours.good(&word) } else { colours.bad(&word) };
        let why = one_line(why);
        let line = format!("  {:<names$}  {word}  {}", one_line(host), shortened(&why, room));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let mut counts: BTreeMap<Group, usize> = BTreeMap::new();
    hosts.iter().for_each(|(_, group, _)| *counts.entry(*group).or_default() += 1);
    let counts: Vec<String> =
        counts.iter().map(|(group, count)| format!("{count} {}", group.words())).collect();
    text.push_str(&format!("{} hosts: {}", hosts.len(), counts.join(", ")));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_grouped_by_problem_and_counted_by_what_happened() {
        let refused = || "could not connect: connection refused".to_owned();
        let hosts = [
            ("dead1", Group::NotReached, refused()),
            ("box", Group::Done("copied and verified"), String::new()),
            ("far", Group::NotReached, "no such host".to_owned()),
            ("dead2", Group::NotReached, refused()),
            ("ci", Group::NothingToDo("already up to date"), String::new()),
        ];
        let text = recap(&hosts, Colours::Off, 120);
        let expected = "
recap:
  box    copied and verified
  ci     already up to date
  dead1  not reached          could not connect: connection refused
  dead2  not reached          could not connect: connection refused
  far    not reached          no such host
5 hosts: 1 copied and verified, 1 already up to date, 3 not reached";
        assert_eq!(text, expected);
        let mut lines = recap(&hosts, Colours::Off, 56);
        lines.truncate(lines.rfind('\n').unwrap());
        assert!(lines.lines().all(|line| line.chars().count() <= 56), "{lines}");
    }
}
