//! Which of several versions in the folders of installers is called.

use std::cmp::Reverse;

use super::Candidate;
use crate::codex::FoundBy;

/// A version as folders have it: its numbers, and whether it is a release.
type Version = (Vec<u64>, bool);

/// How many steps an alias of nvm may take: `default`, `lts/*`, `lts/jod`, `v22.11.0`.
const MOST_STEPS: usize = 8;

/// The candidates in the order in which they are called. Those in the same folder but for a version are put beside each
/// other: nvm's default first, then the newest. `aliases` are nvm's, each with its value.
pub(super) fn in_order(candidates: Vec<Candidate>, aliases: &[(&str, &str)]) -> Vec<Candidate> {
    let default = resolved(aliases);
    let mut families: Vec<(String, Vec<Candidate>)> = Vec::new();
    for (at, candidate) in candidates.into_iter().enumerate() {
        let family = match (candidate.by, versioned(&candidate.path)) {
            (FoundBy::Place, Some((family, _))) => family,
            // Its own family: it keeps its place.
            _ => at.to_string(),
        };
        match families.iter_mut().find(|(known, _)| *known == family) {
            Some((_, members)) => members.push(candidate),
            None => families.push((family, vec![candidate])),
        }
    }
    for (family, members) in &mut families {
        let is_nvm = family.contains("nvm/versions/");
        let of = |candidate: &Candidate| versioned(&candidate.path).map(|(_, version)| version);
        members.sort_by_key(|candidate| Reverse(of(candidate)));
        if let Some(wanted) = default.as_deref().filter(|_| is_nvm)
            && let Some(at) = members.iter().position(|candidate| {
                candidate.runnable && of(candidate).is_some_and(|(numbers, _)| begins(&numbers, wanted))
            })
        {
            members[..=at].rotate_right(1);
        }
    }
    families.into_iter().flat_map(|(_, members)| members).collect()
}

/// The numbers of nvm's default: all of a version, or its first ones. `None` if there is no default, or if it means the newest.
fn resolved(aliases: &[(&str, &str)]) -> Option<Vec<u64>> {
    let mut name = "default";
    for _ in 0..MOST_STEPS {
        match aliases.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => name = value.trim(),
            None => break,
        }
    }
    version(name).map(|(numbers, _)| numbers)
}

fn begins(numbers: &[u64], wanted: &[u64]) -> bool {
    numbers.get(..wanted.len()) == Some(wanted)
}

/// The path without its version, and that version.
fn versioned(path: &str) -> Option<(String, Version)> {
    let mut parts: Vec<&str> = path.split('/').collect();
    let (at, found) = parts.iter().enumerate().find_map(|(at, part)| Some((at, version(part)?)))?;
    parts[at] = "*";
    Some((parts.join("/"), found))
}

/// The version in the name of a folder: `v22.1.0`, `0.144.5`, `node-v20.10.0-linux-x64`.
fn version(name: &str) -> Option<Version> {
    let name = name.strip_prefix("node-").unwrap_or(name);
    let name = name.strip_prefix('v').unwrap_or(name);
    let end = name.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(name.len());
    let numbers = name[..end].split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u64>>>()?;
    let is_early = ["alpha", "beta", "rc", "pre"].iter().any(|word| name[end..].contains(word));
    Some((numbers, !is_early))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(places: &[&str], aliases: &[(&str, &str)]) -> Vec<String> {
        let candidate = |path: &&str| Candidate {
            by: FoundBy::Place,
            path: format!("/home/me/{path}/bin/codex"),
            runnable: !path.contains("denied"),
        };
        let ordered = in_order(places.iter().map(candidate).collect(), aliases);
        let name = |candidate: &Candidate| {
            candidate.path.trim_start_matches("/home/me/").trim_end_matches("/bin/codex").to_owned()
        };
        ordered.iter().map(name).collect()
    }

    #[test]
    fn the_newest_version_is_first_and_kinds_keep_their_order() {
        let nvm = |version: &str| format!(".nvm/versions/node/v{version}");
        let [nine, eighteen, twenty_two] = ["9.11.2", "18.20.0", "22.1.0"].map(nvm);
        let places = ["bin", &eighteen, &twenty_two, &nine, ".volta"];
        assert_eq!(order(&places, &[]), ["bin", &twenty_two, &eighteen, &nine, ".volta"]);
        let releases = ["x/0.144.0-alpha.1", "x/0.9.0", "x/0.144.0", "x/0.144.5-x86_64-unknown-linux-musl"];
        assert_eq!(
            order(&releases, &[]),
            ["x/0.144.5-x86_64-unknown-linux-musl", "x/0.144.0", "x/0.144.0-alpha.1", "x/0.9.0"]
        );
        let nodejs = ["l/node-v9.1.0-linux-x64", "l/node-v20.10.0-linux-x64"];
        assert_eq!(order(&nodejs, &[]), [nodejs[1], nodejs[0]]);
    }

    #[test]
    fn the_default_of_nvm_is_before_the_newest_however_it_is_named() {
        let nvm = |version: &str| format!(".config/nvm/versions/node/v{version}");
        let all = ["9.11.2", "18.19.0", "18.20.0", "22.1.0"].map(nvm);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let lts = [("lts/*", "lts/hydrogen"), ("lts/hydrogen", "v18.20.0"), ("mine", "v18.19.0")];
        for (default, first) in [
            ("v9.11.2", all[0]),
            ("18", all[2]),
            ("18.19", all[1]),
            ("lts/*", all[2]),
            ("lts/hydrogen", all[2]),
            ("mine", all[1]),
            ("node", all[3]),
            ("stable", all[3]),
            ("v20", all[3]),
            ("default", all[3]),
        ] {
            let aliases = [lts.as_slice(), &[("default", default)]].concat();
            assert_eq!(order(&all, &aliases)[0], first, "{default}");
        }
        let of_volta = ["v/1.0.0", "v/2.0.0"];
        assert_eq!(order(&of_volta, &[("default", "1")])[0], "v/2.0.0", "nvm says nothing about it");
    }
}
