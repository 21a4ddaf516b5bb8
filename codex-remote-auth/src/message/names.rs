//! Names that a person types: exact ones, globs, and what was probably meant by a wrong one.

use thiserror::Error;
use wildmatch::WildMatch;

/// How similar a wrong name has to be to a known one to suggest that one.
const CLOSE: f64 = 0.85;

/// A name that nothing has, or a glob that matches nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{name}`{}", suggestion.as_ref().map(|name| format!("; did you mean {name}?")).unwrap_or_default())]
pub struct UnknownName {
    /// What was typed.
    pub name: String,
    /// What was probably meant, as it is typed in a shell: a name, or a glob in quotes.
    pub suggestion: Option<String>,
}

/// Whether it is a glob: `*` stands for any characters, `?` for one.
pub fn is_glob(name: &str) -> bool {
    name.contains(['*', '?'])
}

/// The known names that these names and globs select, each once, in the order of `known`.
///
/// # Errors
/// [`UnknownName`] for the first name that is not known, or glob that matches none.
pub fn named<'k>(wanted: &[String], known: &[&'k str]) -> Result<Vec<&'k str>, UnknownName> {
    let mut selected = vec![false; known.len()];
    for name in wanted {
        let glob = is_glob(name).then(|| WildMatch::new(name));
        let is_meant = |other: &str| glob.as_ref().map_or_else(|| other == name, |glob| glob.matches(other));
        let mut found = false;
        for (selected, _) in selected.iter_mut().zip(known).filter(|(_, other)| is_meant(other)) {
            (*selected, found) = (true, true);
        }
        if !found {
            return Err(UnknownName { name: name.clone(), suggestion: suggestion(name, known) });
        }
    }
    Ok(known.iter().zip(selected).filter(|(_, selected)| *selected).map(|(name, _)| *name).collect())
}

/// If several names contain what was typed, the glob that selects them; else the closest name.
fn suggestion(name: &str, known: &[&str]) -> Option<String> {
    if is_glob(name) || name.is_empty() {
        return None;
    }
    let matched = |glob: &str| known.iter().filter(|other| WildMatch::new(glob).matches(other)).count();
    let globs = [format!("{name}*"), format!("*{name}*")];
    let glob = globs.iter().find(|glob| matched(glob) > 1);
    let one = || known.iter().find(|other| other.contains(name)).copied();
    let close = || one().or_else(|| closest(name, known.iter().copied()));
    glob.map(|glob| format!("'{glob}'")).or_else(|| close().map(|name| format!("`{name}`")))
}

/// The name that is probably meant by a wrong one.
pub fn closest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let likeness = |other: &str| strsim::jaro_winkler(other, name);
    let closest = known.max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    closest.filter(|other| likeness(other) > CLOSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = ["path-bash", "path-sh", "path-zsh", "profile-flag", "second-deploy"];

    fn wanted(names: &[&str]) -> Result<Vec<&'static str>, String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        named(&names, &KNOWN).map_err(|unknown| unknown.to_string())
    }

    #[test]
    fn names_and_globs_select_each_name_once_in_the_known_order() {
        assert_eq!(wanted(&["profile-flag", "path-*"]).unwrap(), KNOWN[..4]);
        assert_eq!(wanted(&["path-?sh", "*sh", "path-sh"]).unwrap(), KNOWN[..3]);
        assert_eq!(wanted(&["*"]).unwrap(), KNOWN);
        assert_eq!(wanted(&[]).unwrap(), [""; 0]);
    }

    #[test]
    fn a_wrong_name_is_told_with_what_was_probably_meant() {
        for (name, said) in [
            ("profile-flg", "`profile-flg`; did you mean `profile-flag`?"),
            ("path", "`path`; did you mean 'path*'?"),
            ("sh", "`sh`; did you mean '*sh*'?"),
            ("deploy", "`deploy`; did you mean `second-deploy`?"),
            ("path-x*", "`path-x*`"),
            ("nothing-like-it", "`nothing-like-it`"),
            ("x?y*", "`x?y*`"),
            ("", "``"),
        ] {
            assert_eq!(wanted(&["path-sh", name]).unwrap_err(), said);
        }
    }
}
