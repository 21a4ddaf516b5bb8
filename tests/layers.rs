//! Compares the layer rule of `docs/design.md` with the real imports.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// A layer, and what else of its crate it may use.
type Layer = (&'static str, &'static [&'static str]);

/// The crates of the workspace that have layers, each with its layers.
const RULES: &[(&str, &[Layer])] = &[
    (
        "codex-remote-auth",
        &[
            ("message", &[]),
            ("auth_json", &["message"]),
            ("ssh", &["message", "auth_json"]),
            ("codex", &["message", "auth_json", "ssh", "lessons"]),
            ("remote", &["message", "auth_json", "ssh", "codex"]),
            ("deploy", &["message", "auth_json", "ssh", "codex", "remote"]),
            ("rollback", &["message", "ssh", "remote"]),
            ("doctor", &["message", "auth_json", "ssh", "codex", "remote"]),
            ("login", &["message", "auth_json", "ssh", "codex", "remote", "lessons"]),
            ("hosts", &["message", "auth_json", "ssh", "remote", "deploy"]),
            ("lessons", &["message"]),
            (
                "output",
                &[
                    "message", "ssh", "codex", "remote", "deploy", "rollback", "doctor", "hosts", "login",
                    "lessons",
                ],
            ),
            (
                "cli",
                &[
                    "message",
                    "auth_json",
                    "ssh",
                    "codex",
                    "remote",
                    "deploy",
                    "rollback",
                    "doctor",
                    "login",
                    "hosts",
                    "lessons",
                    "output",
                ],
            ),
            ("testing", &["deploy", "rollback"]),
        ],
    ),
    (
        "harness",
        &[
            ("cloud", &[]),
            ("release", &[]),
            ("target", &["cloud"]),
            ("run", &["target", "cloud", "release"]),
            ("report", &["run", "target"]),
        ],
    ),
];

#[test]
fn every_module_uses_only_the_layers_that_it_may() {
    let mut breaches = Vec::new();
    for (package, rule) in RULES {
        let source = tests::root().join(package).join("src");
        for (layer, allowed) in *rule {
            let alone = source.join(format!("{layer}.rs"));
            let files = if alone.is_file() { vec![alone] } else { files(&source.join(layer)) };
            for file in files {
                let text = fs::read_to_string(&file).unwrap();
                for (number, line) in text.lines().enumerate() {
                    for used in used_layers(line) {
                        if used != *layer
                            && !allowed.contains(&used.as_str())
                            && !MACROS.contains(&used.as_str())
                        {
                            breaches.push(format!("{}:{}: {layer} uses {used}", file.display(), number + 1));
                        }
                    }
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// Macros are defined at the root of their crate.
const MACROS: &[&str] = &["say", "say_line", "tell_line"];

/// Hooks for mutants and broken hosts are not in any program that users install.
#[test]
fn the_product_does_not_use_its_own_test_hooks() {
    let source = tests::root().join("codex-remote-auth/src");
    for file in files(&source).into_iter().filter(|file| !file.ends_with("src/testing.rs")) {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        assert!(!code.contains("crate::testing"), "{}", file.display());
    }
}

#[test]
fn every_module_of_a_crate_is_in_its_rule() {
    for (package, rule) in RULES {
        let text = fs::read_to_string(tests::root().join(package).join("src/lib.rs")).unwrap();
        let modules: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
        assert_eq!(modules.len(), rule.len(), "{modules:?}");
        for module in modules {
            assert!(rule.iter().any(|(layer, _)| *layer == module), "{module} is in no layer");
        }
    }
}

#[test]
fn the_reader_of_imports_sees_each_form() {
    assert_eq!(used_layers("use crate::ssh::{End, Output};"), ["ssh"]);
    assert_eq!(used_layers("let x = crate::codex::quote(line);"), ["codex"]);
    assert_eq!(used_layers("use crate::{auth, run::Runner};"), ["auth", "run"]);
    assert_eq!(used_layers("// nothing of crate here"), [""; 0]);
}

/// The modules directly below `crate::` that a line names.
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

/// Code that prints, or gives a terminal something. In the product, only the file that makes output safe may contain it.
const PRINTS: &[&str] = &[
    "println!",
    "print!(",
    "eprint",
    "dbg!",
    "stdout()",
    "stderr()",
    "prompt_password",
    "prompt_string",
    ".write_fmt(",
    "set_hook(",
];

/// The files that may contain some of it, and why.
const MAY_PRINT: &[(&str, &[&str])] = &[
    // Everything is printed through it.
    ("codex-remote-auth/src/cli/say.rs", &["stdout()", "stderr()", "prompt_password", "println!", "eprint"]),
    // They check whether an output is a terminal, and where live lines go. The text of those is made safe before.
    ("codex-remote-auth/src/cli/terminal.rs", &["stdout()"]),
    ("codex-remote-auth/src/cli/width.rs", &["stdout()"]),
    ("codex-remote-auth/src/cli/many.rs", &["stderr()"]),
    // Catches what panics would print.
    ("codex-remote-auth/src/hosts/panics.rs", &["set_hook("]),
];

#[test]
fn everything_that_is_printed_goes_through_one_file() {
    let root = tests::root();
    let mut breaches = Vec::new();
    let mut used = 0;
    for file in files(&root.join("codex-remote-auth/src")) {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let may = MAY_PRINT.iter().find(|(may, _)| *may == name).map_or(&[][..], |(_, what)| what);
        used += usize::from(!may.is_empty());
        for (number, print) in prints(&fs::read_to_string(&file).unwrap()) {
            if !may.contains(&print) {
                breaches.push(format!("{name}:{number}: {print}"));
            }
        }
    }
    assert!(breaches.is_empty(), "print by codex-remote-auth/src/cli/say.rs:\n{}", breaches.join("\n"));
    assert_eq!(used, MAY_PRINT.len(), "a file in the list is gone");
}

/// What prints in a text, each with its line. Comments and tests do not count.
fn prints(text: &str) -> Vec<(usize, &'static str)> {
    let product = text.lines().take_while(|line| line.trim() != "#[cfg(test)]").enumerate();
    let code = product.filter(|(_, line)| !line.trim_start().starts_with("//"));
    let found = code.flat_map(|(number, line)| {
        let there = PRINTS.iter().filter(|print| calls(line, print));
        there.map(move |print| (number + 1, *print)).collect::<Vec<_>>()
    });
    found.collect()
}

/// Whether a line has a word that is not the end of another word or a method, such as the `stdout()` of a process.
fn calls(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        word.starts_with('.')
            || before.is_none_or(|before| !before.is_alphanumeric() && !"_.".contains(before))
    })
}

#[test]
fn the_reader_of_prints_sees_each_form() {
    for line in [
        "println!(\"x\")",
        "writeln!(io::stdout(), \"x\")",
        "eprint!(\"x\")",
        "std::io::stderr().write_all(x)",
    ] {
        assert_eq!(prints(line).len(), 1, "{line}");
    }
    assert_eq!(prints("// println!\nlet x = seen.stdout() + use_stderr();\n#[cfg(test)]\nprintln!()"), []);
}
