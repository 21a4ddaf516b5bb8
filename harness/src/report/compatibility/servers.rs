//! The section on servers: what the lessons expect on some flavours only, and what else differs there.

use std::fmt::Write as _;

use super::page::{in_table, link, prose};
use crate::report::catalogue::expectation;
use crate::target::Flavour;
use codex_remote_auth::lessons::Catalogue;

const HEAD: &str = "
## Servers

The runs above were on openssh-bookworm. The lessons and smoke tests also pass on the other servers, with the stub of the newest \
release: `cargo xtask smoke --flavour all` runs all of them, and CI does so once a week. \
What differs from openssh-bookworm is in the last column.

| flavour | server | what differs |
|---|---|---|
";

/// The section, from the lessons and the flavours.
pub(super) fn section(catalogue: &Catalogue) -> String {
    let mut text = HEAD.to_owned();
    for flavour in Flavour::ALL {
        let differences: Vec<String> = of_lessons(catalogue, flavour)
            .into_iter()
            .chain(flavour.differences().iter().map(|difference| prose(difference)))
            .collect();
        let differences =
            if differences.is_empty() { "–".to_owned() } else { in_table(&differences.join("<br>")) };
        let _ = writeln!(text, "| {flavour} | {} | {differences} |", prose(flavour.server()));
    }
    text
}

/// What lessons expect on a flavour and not on the usual one.
fn of_lessons(catalogue: &Catalogue, flavour: Flavour) -> Vec<String> {
    let mut found = Vec::new();
    for lesson in catalogue.lessons() {
        for (heading, step) in lesson.headed_steps() {
            let of_it = |name: &String| name == flavour.name();
            for expect in step.expect.iter().filter(|expect| expect.flavours.iter().any(of_it)) {
                let (id, heading, shows) = (link(&lesson.id), prose(&heading), prose(&expectation(expect)));
                found.push(format!("{id}, {heading}: {shows}"));
            }
        }
    }
    found
}
