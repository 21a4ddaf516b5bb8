//! The layer rule of `docs/design.md`, held against the real imports.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer, and what of this crate it may use beside itself.
const RULE: &[(&str, &[&str])] = &[
    ("auth", &[]),
    ("ssh", &["auth"]),
    ("codex", &["auth", "ssh"]),
    ("remote", &["auth", "ssh", "codex"]),
    ("deploy", &["auth", "ssh", "codex", "remote"]),
    ("doctor", &["auth", "ssh", "codex", "remote", "deploy"]),
    ("fleet", &["auth", "ssh", "deploy"]),
    ("login", &["auth", "ssh", "codex", "remote", "deploy"]),
    ("lesson", &[]),
    ("cloud", &["auth"]),
    ("release", &[]),
    ("target", &["auth", "ssh", "deploy", "codex", "cloud"]),
    ("run", &["auth", "ssh", "remote", "deploy", "codex", "lesson", "target", "cloud", "release"]),
    ("report", &["ssh", "codex", "deploy", "doctor", "fleet", "login", "run", "lesson", "target"]),
];

#[test]
fn every_module_uses_only_the_layers_that_it_may() {
    let source = tests::root().join("harness/src");
    let mut breaches = Vec::new();
    for (layer, allowed) in RULE {
        for file in files(&source.join(layer)) {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in text.lines().enumerate() {
                for used in used_layers(line) {
                    if used != *layer && !allowed.contains(&used.as_str()) {
                        breaches.push(format!("{}:{}: {layer} uses {used}", file.display(), number + 1));
                    }
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn every_module_of_the_crate_is_in_the_rule() {
    let text = fs::read_to_string(tests::root().join("harness/src/lib.rs")).unwrap();
    let modules: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(modules.len(), RULE.len(), "{modules:?}");
    for module in modules {
        assert!(RULE.iter().any(|(layer, _)| *layer == module), "{module} is in no layer");
    }
}

#[test]
fn the_reader_of_imports_sees_each_form() {
    assert_eq!(used_layers("use crate::ssh::{End, Output};"), ["ssh"]);
    assert_eq!(used_layers("let x = crate::codex::quote(line);"), ["codex"]);
    assert_eq!(used_layers("use crate::{auth, run::Runner};"), ["auth", "run"]);
    assert_eq!(used_layers("// nothing of crate here"), [""; 0]);
}

/// The modules right below `crate::` that a line names.
fn used_layers(line: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, path) in line.match_indices("crate::") {
        let rest = &line[at + path.len()..];
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group.split([',', '}']).collect(),
            None => vec![rest],
        };
        for name in names {
            let name: String =
                name.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                used.push(name);
            }
        }
    }
    used
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
