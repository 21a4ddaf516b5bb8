//! The hosts that this machine knows: from ssh_config, with the files that it includes, and from known_hosts.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, glob_with};

use crate::ssh::HostName;

/// How deep files may include others, as in OpenSSH.
const DEEPEST: usize = 16;

/// The names of all hosts. A pattern is not a name, and neither is a hash of one. `instead` is a configuration file that
/// replaces the usual ones, as for `ssh -F`.
pub(super) fn known(instead: Option<&Path>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let own = std::env::home_dir().map(|home| home.join(".ssh"));
    if let (Some(file), Some(own)) = (instead, &own) {
        names.extend(aliases(file, own, DEEPEST));
    }
    for folder in own.into_iter().chain([PathBuf::from("/etc/ssh")]) {
        let (config, known) = match folder.starts_with("/etc") {
            true => ("ssh_config", "ssh_known_hosts"),
            false => ("config", "known_hosts"),
        };
        if instead.is_none() {
            names.extend(aliases(&folder.join(config), &folder, DEEPEST));
        }
        names.extend(of_known_hosts(&read(&folder.join(known))));
    }
    names.retain(|name| HostName::parse(name).is_ok());
    names
}

fn read(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned()
}

/// The names after `Host` in a file of ssh_config and in those that it includes. `folder` is where relative names begin.
fn aliases(file: &Path, folder: &Path, deeper: usize) -> Vec<String> {
    let mut names = Vec::new();
    for line in read(file).lines() {
        let line = line.trim().replacen('=', " ", 1);
        let mut words = line.split_whitespace().map(|word| word.trim_matches('"'));
        match words.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "host" => names
                .extend(words.take_while(|word| !word.starts_with('#')).filter(is_name).map(str::to_owned)),
            "include" if deeper > 0 => {
                let files = words.flat_map(|pattern| matching(pattern, folder));
                names.extend(files.flat_map(|file| aliases(&file, folder, deeper - 1)));
            }
            _ => {}
        }
    }
    names
}

/// The files that the pattern of an `Include` matches.
fn matching(pattern: &str, folder: &Path) -> Vec<PathBuf> {
    let path = match (pattern.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => folder.join(pattern),
    };
    let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::default() };
    let found = path.to_str().and_then(|path| glob_with(path, options).ok());
    found.map(|found| found.flatten().collect()).unwrap_or_default()
}

/// The names in a known_hosts file. Lines of authorities and revoked keys are not about one host to connect to.
fn of_known_hosts(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '@', '|']));
    let names = lines.flat_map(|line| line.split_whitespace().next().unwrap_or_default().split(','));
    names.filter(is_name).map(without_brackets).collect()
}

/// `[host]:port` as people write it: `host:port`. An IPv6 address keeps its brackets.
fn without_brackets(name: &str) -> String {
    match name.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
        Some((host, port)) if !host.contains(':') => format!("{host}:{port}"),
        _ => name.to_owned(),
    }
}

fn is_name(word: &&str) -> bool {
    !word.is_empty() && !word.contains(['*', '?', '!'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_known_hosts_and_neither_hashes_nor_patterns() {
        let text = "# all\nbuild1,10.0.0.1 ssh-ed25519 AAAA\n|1|abc=|def= ssh-rsa AAAA\n[gw]:2222 ssh-rsa AAAA\n\
            *.example.com ssh-rsa AAAA\n@cert-authority ca.example ssh-rsa AAAA\n@revoked old ssh-rsa AAAA\n[::1]:22 ssh-rsa A\n";
        assert_eq!(of_known_hosts(text), ["build1", "10.0.0.1", "gw:2222", "[::1]:22"]);
    }

    #[test]
    fn aliases_come_from_the_file_and_from_those_that_it_includes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("conf.d")).unwrap();
        fs::write(
            at("config"),
            "Include conf.d/*.conf\nHost=one \"two\" *.lan !not # none\n  HostName x\nhost three\n",
        )
        .unwrap();
        fs::write(at("conf.d/a.conf"), "Host four\nInclude config\n").unwrap();
        fs::write(at("conf.d/.hidden.conf"), "Host hidden\n").unwrap();
        fs::write(at("conf.d/other"), "Host other\n").unwrap();
        let names: BTreeSet<String> = aliases(&at("config"), folder.path(), 3).into_iter().collect();
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["four", "one", "three", "two"]);
    }
}
