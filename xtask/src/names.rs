//! Selects checks by what a person types: names, globs, sections of the guide, and a part of the whole.

use std::fmt;
use std::str::FromStr;

use codex_remote_auth::lessons::{Catalogue, Guide, is_glob, named};
use codex_remote_auth::output::words::section;
use codex_remote_auth::ssh::printable;
use harness::run::SMOKE_TESTS;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// A filter that selects nothing. The exit status is 4, as in nextest: a gate must not pass because of a typing error.
#[derive(Debug, Error)]
#[error("{}\n  hint: {}", printable(what), printable(hint))]
pub(crate) struct NothingSelected {
    what: String,
    hint: String,
}

impl NothingSelected {
    pub(crate) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

/// The known names that these names and globs select, each once, in the order of `known`. `kind` is what they name, `list` the
/// command that lists them.
///
/// # Errors
/// [`NothingSelected`] for the first one that selects nothing.
pub(crate) fn select<'k>(
    kind: &str,
    wanted: &[String],
    known: &[&'k str],
    list: &str,
) -> Result<Vec<&'k str>, NothingSelected> {
    named(wanted, known).map_err(|unknown| {
        let what = match is_glob(&unknown.name) {
            true => format!("no {kind} matches {unknown}"),
            false => format!("unknown {kind} {unknown}"),
        };
        NothingSelected::new(what, format!("{list} lists the names"))
    })
}

/// As [`select`], for lessons and smoke tests: `@SECTION` selects those of a section of the guide.
///
/// # Errors
/// As [`select`].
pub(crate) fn select_checks<'k>(
    kind: &str,
    wanted: &[String],
    known: &[&'k str],
    catalogue: &Catalogue,
    list: &str,
) -> Result<Vec<&'k str>, NothingSelected> {
    let mut names = Vec::new();
    for wanted in wanted {
        match wanted.strip_prefix('@') {
            None => names.push(wanted.clone()),
            Some(section) => names.extend(in_section(kind, section, known, catalogue)?),
        }
    }
    select(kind, &names, known, list)
}

/// The names in a section of the guide.
fn in_section(
    kind: &str,
    wanted: &str,
    known: &[&str],
    catalogue: &Catalogue,
) -> Result<Vec<String>, NothingSelected> {
    let of = |name: &str| section_of(name, catalogue);
    let names: Vec<String> =
        known.iter().filter(|name| of(name) == Some(wanted)).map(|name| (*name).to_owned()).collect();
    if !names.is_empty() {
        return Ok(names);
    }
    let mut sections: Vec<String> =
        known.iter().filter_map(|name| of(name)).map(|name| format!("@{name}")).collect();
    sections.sort_unstable();
    sections.dedup();
    let what = format!("no {kind} is in the section `@{wanted}`");
    Err(NothingSelected::new(what, format!("the sections are {}", sections.join(", "))))
}

fn section_of(name: &str, catalogue: &Catalogue) -> Option<&'static str> {
    if SMOKE_TESTS.iter().any(|test| test.id == name) {
        return Some(section(Guide::SmokeTests));
    }
    catalogue.get(name).map(|lesson| section(lesson.guide))
}

/// One of several parts of a selection, for machines that share the work. Every check is in exactly one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partition {
    way: Way,
    /// Counted from 1.
    part: u64,
    parts: u64,
}

/// How a selection is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By the name alone: a check stays in its part when others are added.
    Hash,
    /// By the place in the selection: the parts are of equal size.
    Slice,
}

impl Partition {
    /// Whether the check with this name at this place of the selection, counted from 0, is in the part.
    pub(crate) fn has(self, place: usize, name: &str) -> bool {
        let number = match self.way {
            Way::Slice => place as u64,
            Way::Hash => number_of(name),
        };
        number % self.parts == self.part - 1
    }
}

/// A number that depends on the text alone, on every machine and in every release.
pub(crate) fn number_of(text: &str) -> u64 {
    let digest = Sha256::digest(text);
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.way {
            Way::Hash => "hash",
            Way::Slice => "slice",
        };
        write!(f, "{way}:{}/{}", self.part, self.parts)
    }
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "`hash:K/N` or `slice:K/N`, with K from 1 to N".to_owned();
        let (way, numbers) = text.split_once(':').ok_or_else(wrong)?;
        let (part, parts) = numbers.split_once('/').ok_or_else(wrong)?;
        let way = match way {
            "hash" => Way::Hash,
            "slice" => Way::Slice,
            _ => return Err(wrong()),
        };
        let number = |text: &str| text.parse().map_err(|_| wrong());
        let (part, parts) = (number(part)?, number(parts)?);
        if part == 0 || part > parts { Err(wrong()) } else { Ok(Self { way, part, parts }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_together_have_everything_once() {
        let names: Vec<String> = (0..54).map(|number| format!("check-{number}")).collect();
        for way in ["hash", "slice"] {
            for parts in [1, 2, 3, 4, 54, 60] {
                let all: Vec<Partition> =
                    (1..=parts).map(|part| format!("{way}:{part}/{parts}").parse().unwrap()).collect();
                for (place, name) in names.iter().enumerate() {
                    let count = all.iter().filter(|part| part.has(place, name)).count();
                    assert_eq!(count, 1, "{way} {parts} {name}");
                }
            }
        }
    }

    #[test]
    fn a_slice_is_a_fair_share_and_a_hash_does_not_depend_on_the_place() {
        let [slice, hash]: [Partition; 2] = ["slice:2/4", "hash:2/4"].map(|text| text.parse().unwrap());
        assert_eq!((0..54).filter(|place| slice.has(*place, "a")).count(), 14);
        assert!((0..54).all(|place| hash.has(place, "path-sh") == hash.has(0, "path-sh")));
        // The same on every machine and in every release.
        assert_eq!(number_of("path-sh") % 4, 1);
    }

    #[test]
    fn a_partition_is_read_as_it_is_written() {
        for text in ["hash:1/1", "slice:4/4"] {
            assert_eq!(text.parse::<Partition>().unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "hash",
            "hash:",
            "hash:1",
            "hash:0/3",
            "hash:4/3",
            "slice:1/0",
            "count:1/2",
            "hash:-1/2",
            "hash:1/2/3",
        ] {
            let said = wrong.parse::<Partition>().unwrap_err();
            assert_eq!(said, "`hash:K/N` or `slice:K/N`, with K from 1 to N", "{wrong}");
        }
    }
}
