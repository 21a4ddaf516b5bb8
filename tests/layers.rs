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

/// What prints, or hands something to a terminal: in the product it is only in the file that sees to what is printed.
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

/// The files that may have some of it, and why.
const MAY_PRINT: &[(&str, &[&str])] = &[
    // Everything goes through it.
    ("xtask/src/say.rs", &["stdout()", "stderr()", "prompt_password", "println!", "eprint"]),
    // Whether an output is a terminal, and where the live lines go, whose text is made plain.
    ("xtask/src/terminal.rs", &["stdout()"]),
    ("xtask/src/hosts/many.rs", &["stderr()"]),
    // Takes what panics would print.
    ("harness/src/fleet/panics.rs", &["set_hook("]),
];

/// The layers that are in the installed program.
const PRODUCT: &[&str] = &["auth", "ssh", "codex", "deploy", "doctor", "fleet", "login", "lesson", "report"];

#[test]
fn everything_that_is_printed_goes_through_one_file() {
    let root = tests::root();
    let product = PRODUCT.iter().map(|layer| root.join("harness/src").join(layer));
    let mut breaches = Vec::new();
    let mut used = 0;
    for file in product.chain([root.join("xtask/src")]).flat_map(|folder| files(&folder)) {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        // The verbs of the checkout have outputs of their own, which `clippy::print_stdout` watches.
        if name.starts_with("xtask/src/rig/") {
            continue;
        }
        let may = MAY_PRINT.iter().find(|(may, _)| *may == name).map_or(&[][..], |(_, what)| what);
        used += usize::from(!may.is_empty());
        for (number, print) in prints(&fs::read_to_string(&file).unwrap()) {
            if !may.contains(&print) {
                breaches.push(format!("{name}:{number}: {print}"));
            }
        }
    }
    assert!(breaches.is_empty(), "print by xtask/src/say.rs:\n{}", breaches.join("\n"));
    assert_eq!(used, MAY_PRINT.len(), "a file in the list is gone");
}

/// What prints in a text, each with its line: neither in remarks nor in its tests.
fn prints(text: &str) -> Vec<(usize, &'static str)> {
    let product = text.lines().take_while(|line| line.trim() != "#[cfg(test)]").enumerate();
    let code = product.filter(|(_, line)| !line.trim_start().starts_with("//"));
    let found = code.flat_map(|(number, line)| {
        let there = PRINTS.iter().filter(|print| calls(line, print));
        there.map(move |print| (number + 1, *print)).collect::<Vec<_>>()
    });
    found.collect()
}

/// Whether a line has a word that is neither the end of another one nor asked of a value, as what a process wrote is.
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
