//! Prints the findings about several hosts: each finding once, with the hosts that have it.

use super::Colours;
use super::examination::{Below, entry, not_examined, verdict};
use super::host_entry::one_line;
use super::wrapped::wrapped;
use crate::doctor::{Finding, Level};
use crate::hosts::HostReport;
use crate::message::{Caller, Command, quote};

/// A finding, and the hosts that have it.
struct Group<'r> {
    finding: &'r Finding,
    hosts: Vec<&'r str>,
}

/// For a person: the problems and notes, each once, with its hosts; then the hosts in the order given, and their
/// number. Lines that are no commands have at most `width` columns.
pub fn examinations_text(
    reports: &[&HostReport<Vec<Finding>>],
    caller: &Caller,
    colours: Colours,
    width: usize,
) -> String {
    let mut text = String::new();
    let examined = reports.iter().filter(|report| report.outcome.is_ok()).count();
    let groups = groups(reports);
    if !groups.is_empty() {
        text.push_str("\nfindings:\n");
    }
    for group in &groups {
        let hosts = match group.hosts.len() {
            all if all == examined && all > 1 => format!("on all {all} hosts that were examined"),
            _ => {
                format!("on {}", group.hosts.iter().map(|host| one_line(host)).collect::<Vec<_>>().join(", "))
            }
        };
        let below: Vec<Below> = std::iter::once(Below::Words(hosts)).chain(steps(group, caller)).collect();
        text.push_str(&entry(group.finding, &below, caller, colours, width));
        text.push('\n');
    }
    text.push_str("\nhosts:\n");
    let name = |report: &HostReport<Vec<Finding>>| one_line(&report.host);
    let names = reports.iter().map(|report| name(report).chars().count()).max().unwrap_or_default();
    for report in reports {
        let result = match &report.outcome {
            Ok(findings) => verdict(findings, colours),
            Err(error) => not_examined(error, colours),
        };
        text.push_str(&wrapped(&format!("  {:<names$}  ", name(report)), &result, width));
        text.push('\n');
    }
    let has_problem = |report: &&&HostReport<Vec<Finding>>| {
        let findings = report.outcome.as_ref().map(Vec::as_slice).unwrap_or_default();
        findings.iter().any(|finding| finding.level == Level::Problem)
    };
    let (all, problems) = (reports.len(), reports.iter().filter(has_problem).count());
    text.push_str(&format!("{all} hosts: {examined} examined ({problems} with problems)"));
    if examined < all {
        text.push_str(&format!(", {} not examined", all - examined));
    }
    text
}

/// The problems and then the notes, in the order in which they were found.
fn groups<'r>(reports: &[&'r HostReport<Vec<Finding>>]) -> Vec<Group<'r>> {
    let mut groups: Vec<Group<'r>> = Vec::new();
    for level in [Level::Problem, Level::Note] {
        for report in reports {
            let findings = report.outcome.as_ref().map(Vec::as_slice).unwrap_or_default();
            for finding in findings.iter().filter(|finding| finding.level == level) {
                match groups.iter_mut().find(|group| group.finding == finding) {
                    Some(group) => group.hosts.push(&report.host),
                    None => groups.push(Group { finding, hosts: vec![&report.host] }),
                }
            }
        }
    }
    groups
}

/// The next steps for all hosts of a group. `login` and `ssh` take one host, so each host has its own commands.
fn steps(group: &Group<'_>, caller: &Caller) -> Vec<Below> {
    let takes_one = |command: &Command| matches!(command, Command::OverSsh(_) | Command::Ours("login", _));
    let next = &group.finding.next;
    let place = if group.hosts.len() > 1 { "on each of these hosts" } else { "on the host" };
    if next.iter().filter_map(|hint| hint.command.as_ref()).any(takes_one) {
        let all = group.hosts.iter().flat_map(|host| next.iter().map(move |hint| (host, hint)));
        return all.flat_map(|(host, hint)| Below::step(hint, caller, host, place)).collect();
    }
    let (first, others) =
        group.hosts.split_first().map_or(("", [].as_slice()), |(first, others)| (*first, others));
    let for_all = |step| match step {
        Below::Command("run here", mut command) => {
            for host in others {
                command.push(' ');
                command.push_str(&quote(host));
            }
            Below::Command("run here", command)
        }
        step => step,
    };
    next.iter().flat_map(|hint| Below::step(hint, caller, first, place)).map(for_all).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::hosts::HostError;
    use crate::message::Hint;

    fn finding(level: Level, subject: &'static str, what: &str, next: Vec<Hint>) -> Finding {
        Finding { subject, level, what: what.to_owned(), lesson: None, diagnosis: None, next }
    }

    fn report(host: &str, outcome: Result<Vec<Finding>, HostError>) -> HostReport<Vec<Finding>> {
        HostReport { outcome, ..HostReport::without(host, HostError::NotBegun, Duration::ZERO) }
    }

    fn no_codex() -> Finding {
        let next = vec![Hint::on_host("", "npm install -g @openai/codex")];
        let lesson = Some("trouble-command-not-found");
        Finding { lesson, ..finding(Level::Problem, "codex", "codex was not found", next) }
    }

    fn no_login() -> Finding {
        finding(Level::Problem, "login", "there is no auth.json", vec![Hint::ours("", "deploy", &[])])
    }

    fn shared() -> Finding {
        let next = vec![Hint::over_ssh("", "rm x"), Hint::ours("", "login", &[])];
        finding(Level::Note, "compared", "same login as yours", next)
    }

    #[test]
    fn a_shared_finding_is_printed_once_with_its_hosts_and_commands_for_all_of_them() {
        let good = finding(Level::Ok, "shell", "/bin/bash", Vec::new());
        let reports = [
            report("me@b:22", Ok(vec![good.clone(), no_login(), shared()])),
            report("a", Ok(vec![no_codex(), no_login()])),
            report("host-3", Err(HostError::NotBegun)),
            report("c", Ok(vec![no_codex(), shared(), good])),
        ];
        let caller = Caller::new("codex-remote-auth", "doctor", vec!["-F".into(), "f".into()], Vec::new());
        let reports: Vec<_> = reports.iter().collect();
        let expected = "
findings:
  problem  login          there is no auth.json
                          on me@b:22, a
                          run here: codex-remote-auth deploy -F f me@b:22 a
  problem  codex          codex was not found
                          on a, c
                          on each of these hosts: npm install -g @openai/codex
                          why: codex-remote-auth explain trouble-command-not-found
  note     compared       same login as yours
                          on me@b:22, c
                          run here: ssh -F f ssh://me@b:22 'rm x'
                          run here: codex-remote-auth login -F f me@b:22
                          run here: ssh -F f c 'rm x'
                          run here: codex-remote-auth login -F f c

hosts:
  me@b:22  1 problem, 1 note
  a        2 problems, 0 notes
  host-3   not examined: interrupted before it started
  c        1 problem, 1 note
4 hosts: 3 examined (3 with problems), 1 not examined";
        assert_eq!(examinations_text(&reports, &caller, Colours::Off, 80), expected);
        let narrow = examinations_text(&reports, &caller, Colours::Off, 60);
        let is_command =
            |line: &&str| line.contains("run here: ") || line.contains("hosts: ") || line.contains("why: ");
        assert!(
            narrow.lines().filter(|line| !is_command(line)).all(|line| line.chars().count() <= 60),
            "{narrow}"
        );
    }

    #[test]
    fn what_all_hosts_have_names_none_of_them() {
        let reports = [report("a", Ok(vec![no_login()])), report("b", Ok(vec![no_login()]))];
        let reports: Vec<_> = reports.iter().collect();
        let text = examinations_text(&reports, &Caller::default(), Colours::Off, 80);
        assert!(text.contains("\n                          on all 2 hosts that were examined\n"), "{text}");
        assert!(text.ends_with("\n2 hosts: 2 examined (2 with problems)"), "{text}");
    }

    #[test]
    fn a_name_or_a_value_from_a_host_adds_no_line_and_no_terminal_code() {
        let evil = "a\nb\x1b[2K";
        let bad = finding(Level::Problem, "login", evil, vec![Hint::on_host("", evil), Hint::words(evil)]);
        let reports = [report(evil, Ok(vec![bad]))];
        let reports: Vec<_> = reports.iter().collect();
        let text = examinations_text(&reports, &Caller::default(), Colours::Off, usize::MAX);
        assert!(!text.contains('\x1b'), "{text:?}");
        assert_eq!(text.lines().count(), 10, "{text}");
    }
}
