//! Compares the stub with the real Codex: steps, streams, files and requests.

use std::collections::BTreeSet;

use semver::Version;

use super::state_diff::Observed;
use codex_remote_auth::lessons::{Differing, KnownDifference};

/// A difference between the stub and the real Codex without a known reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The step.
    pub heading: String,
    /// What was run.
    pub command: String,
    /// What differs.
    pub what: Differing,
    /// Lines that only the real Codex shows, or shows first.
    pub real: Vec<String>,
    /// The same for the stub.
    pub stub: Vec<String>,
}

/// The known differences of one lesson or call on one release.
#[derive(Debug, Clone)]
pub struct Known<'a> {
    differences: Vec<&'a KnownDifference>,
}

impl<'a> Known<'a> {
    /// The entries of the list that apply to this lesson or call on this release.
    pub fn of(all: &'a [KnownDifference], id: &str, release: &Version) -> Self {
        let here = |known: &&KnownDifference| {
            (known.of.is_empty() || known.of.iter().any(|of| of == id)) && known.codex.contains(release)
        };
        Self { differences: all.iter().filter(here).collect() }
    }

    /// The lines to compare: without the known ones. A known line that may repeat is at the end, once.
    fn compared(&self, what: Differing, lines: Vec<String>) -> Vec<String> {
        let mut repeated = BTreeSet::new();
        let mut kept = Vec::with_capacity(lines.len());
        for line in lines {
            match self.differences.iter().find(|known| known.covers(what, &line)) {
                None => kept.push(line),
                Some(known) if known.repeats => drop(repeated.insert(line)),
                Some(_) => {}
            }
        }
        kept.extend(repeated);
        kept
    }
}

/// The differences between two runs of the same steps.
pub fn differences(real: &[Observed], stub: &[Observed], known: &Known<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    for (real, stub) in real.iter().zip(stub) {
        for what in Differing::ALL {
            let [theirs, ours] = [real, stub].map(|seen| known.compared(what, lines(seen, what)));
            if theirs != ours {
                let [real_lines, stub_lines] = only_in_one(theirs, ours);
                found.push(Difference {
                    heading: real.heading.clone(),
                    command: real.command.clone(),
                    what,
                    real: real_lines,
                    stub: stub_lines,
                });
            }
        }
    }
    if real.len() != stub.len() {
        let say = |seen: &[Observed]| vec![format!("{} steps were run", seen.len())];
        found.push(Difference {
            heading: "all".to_owned(),
            command: String::new(),
            what: Differing::End,
            real: say(real),
            stub: say(stub),
        });
    }
    found
}

fn lines(seen: &Observed, what: Differing) -> Vec<String> {
    let of_text = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect();
    match what {
        Differing::End => vec![seen.end.clone()],
        Differing::Stdout => of_text(&seen.stdout),
        Differing::Stderr => of_text(&seen.stderr),
        Differing::File => seen.files.clone(),
        Differing::Request => seen.requests.clone(),
    }
}

/// The lines that only one of two lists has. A line counts as often as it occurs. If only the order differs, all
/// lines of both.
fn only_in_one(real: Vec<String>, stub: Vec<String>) -> [Vec<String>; 2] {
    let mut rest = stub.clone();
    let mut only_real = Vec::new();
    for line in &real {
        match rest.iter().position(|other| other == line) {
            Some(at) => drop(rest.remove(at)),
            None => only_real.push(line.clone()),
        }
    }
    if only_real.is_empty() && rest.is_empty() { [real, stub] } else { [only_real, rest] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codex_remote_auth::lessons::Releases;

    fn seen(stderr: &str, files: &[&str]) -> Observed {
        Observed {
            heading: "wrong".to_owned(),
            command: "codex exec".to_owned(),
            end: "exit 1".to_owned(),
            diagnosis: "unknown",
            failures: Vec::new(),
            stdout: String::new(),
            stderr: stderr.to_owned(),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            requests: Vec::new(),
        }
    }

    fn known() -> Vec<KnownDifference> {
        let left_out = KnownDifference {
            what: Differing::File,
            begins: "created ~/.codex/sessions".to_owned(),
            holds: String::new(),
            repeats: false,
            of: vec!["one".to_owned()],
            codex: Releases::all(),
            reason: "the stub keeps no sessions".to_owned(),
        };
        let repeated = KnownDifference {
            what: Differing::Stderr,
            begins: "again".to_owned(),
            repeats: true,
            reason: "it says so as often as it tries".to_owned(),
            ..left_out.clone()
        };
        vec![left_out, repeated]
    }

    fn compare(id: &str, real: &Observed, stub: &Observed) -> Vec<Difference> {
        let all = known();
        let release = Version::new(0, 163, 0);
        differences(std::slice::from_ref(real), std::slice::from_ref(stub), &Known::of(&all, id, &release))
    }

    #[test]
    fn a_known_difference_counts_where_it_is_known_and_nowhere_else() {
        let (real, stub) = (seen("same", &["created ~/.codex/sessions directory 755"]), seen("same", &[]));
        assert_eq!(compare("one", &real, &stub), []);
        assert_eq!(compare("another", &real, &stub).len(), 1);
    }

    #[test]
    fn a_difference_shows_the_lines_that_only_one_has_and_an_order_as_a_whole() {
        let found = compare("one", &seen("a\nb\nc", &[]), &seen("a\nx\nc", &[]));
        assert_eq!(
            (found[0].real.as_slice(), found[0].stub.as_slice()),
            (&["b".to_owned()][..], &["x".to_owned()][..])
        );
        let found = compare("one", &seen("a\nb", &[]), &seen("b\na", &[]));
        assert_eq!(found[0].real, ["a", "b"]);
    }

    #[test]
    fn what_comes_in_any_number_has_to_come_at_all() {
        let (thrice, once) = (seen("again\na\nagain\nagain", &[]), seen("a\nagain", &[]));
        assert_eq!(compare("one", &thrice, &once), []);
        assert_eq!(compare("one", &thrice, &seen("a", &[])).len(), 1);
    }

    #[test]
    fn a_step_that_was_not_run_is_a_difference() {
        let all = known();
        let known = Known::of(&all, "one", &Version::new(0, 163, 0));
        assert_eq!(differences(&[seen("", &[])], &[], &known).len(), 1);
    }
}
