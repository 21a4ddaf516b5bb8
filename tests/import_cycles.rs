//! No two modules of a directory import each other, even indirectly, so each can be read before the modules that use it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of a directory, each with its files.
type Modules = BTreeMap<String, Vec<PathBuf>>;
/// Which modules a module imports from.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_directory_has_modules_that_import_each_other() {
    let mut cycles = Vec::new();
    let mut imports_seen = 0;
    for package in ["codex-remote-auth", "harness", "xtask", "fixtures/codex-stub", "fixtures/fake-cloud"] {
        let source = tests::root().join(package).join("src");
        for folder in folders(&source) {
            let imports = imports(&source, &folder);
            imports_seen += imports.values().map(BTreeSet::len).sum::<usize>();
            cycles
                .extend(cycle(&imports).map(|cycle| format!("{}: {}", folder.display(), cycle.join(" -> "))));
        }
    }
    assert!(imports_seen > 200, "only {imports_seen} imports were seen");
    assert!(cycles.is_empty(), "{}", cycles.join("\n"));
}

#[test]
fn a_cycle_is_found_and_a_chain_is_none() {
    let imports = |pairs: &[(&str, &str)]| -> Imports {
        pairs.iter().map(|(from, to)| ((*from).to_owned(), BTreeSet::from([(*to).to_owned()]))).collect()
    };
    assert_eq!(cycle(&imports(&[("a", "b"), ("b", "c")])), None);
    let found = cycle(&imports(&[("a", "b"), ("b", "c"), ("c", "b")]));
    assert_eq!(found, Some(["b", "c", "b"].map(str::to_owned).to_vec()));
}

#[test]
fn each_form_of_import_is_seen() {
    let names = |text: &str| names_behind(text, "super::");
    assert_eq!(names("use super::wire::Wire;"), ["wire"]);
    assert_eq!(
        names("use super::{Session, wire::{Wire, Stopped},\n    proxy};"),
        ["Session", "wire", "proxy"]
    );
    assert_eq!(names("let x = super::step::run();"), ["step"]);
    assert_eq!(names("use super::super::other;\n// super::remark\n/// [`super::docs`]"), [""; 0]);
    assert_eq!(names_behind("use super::super::other::Thing;", "super::super::"), ["other"]);
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(folders(&path));
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let all = |folder: &PathBuf| {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    folders(folder).iter().flat_map(all).filter(rust).collect()
}

fn modules(folder: &Path) -> Modules {
    let mut modules = Modules::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            modules.entry(name).or_default().extend(files(&path));
        } else if !["mod", "lib", "main"].contains(&name.as_str())
            && path.extension().is_some_and(|end| end == "rs")
        {
            modules.entry(name).or_default().push(path);
        }
    }
    modules
}

/// Which module of a folder imports which: by path, or by a name that the folder's own module re-exports.
fn imports(source: &Path, folder: &Path) -> Imports {
    let modules = modules(folder);
    let own = [folder.join("mod.rs"), folder.with_extension("rs")].into_iter().find(|file| file.is_file());
    let own = own.map(|file| fs::read_to_string(file).unwrap()).unwrap_or_default();
    let passed_on: BTreeMap<String, &String> = modules
        .keys()
        .flat_map(|module| {
            let behind = names_behind(&own, &format!("use {module}::"));
            behind.into_iter().map(move |name| (name, module))
        })
        .collect();
    let within = folder.strip_prefix(source).unwrap();
    let path: Vec<&str> = within.iter().map(|part| part.to_str().unwrap()).collect();
    let from_the_root = format!("crate::{}", path.iter().map(|part| format!("{part}::")).collect::<String>());

    let mut imports = Imports::new();
    for (module, files) in &modules {
        let into = imports.entry(module.clone()).or_default();
        for file in files.iter().filter(|file| !file.ends_with("tests.rs")) {
            let text = fs::read_to_string(file).unwrap();
            let depth = file.strip_prefix(folder).unwrap().iter().count();
            let ups = if file.ends_with("mod.rs") { depth - 1 } else { depth };
            let names = names_behind(&text, &"super::".repeat(ups));
            for name in names.into_iter().chain(names_behind(&text, &from_the_root)) {
                let target = modules.get_key_value(&name).map(|(module, _)| module);
                if let Some(target) = target.or_else(|| passed_on.get(&name).copied())
                    && target != module
                {
                    into.insert(target.clone());
                }
            }
        }
    }
    imports
}

/// The first name after each use of a path in a text's code, without its tests.
fn names_behind(text: &str, path: &str) -> Vec<String> {
    let code: Vec<&str> = text
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n");
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut names = Vec::new();
    for (at, _) in code.match_indices(path) {
        // The end of a longer path is a different path.
        if code[..at].ends_with(|before: char| is_word(before) || before == ':') {
            continue;
        }
        let rest = &code[at + path.len()..];
        let mut parts = Vec::new();
        match rest.strip_prefix('{') {
            None => parts.push(rest),
            Some(group) => {
                let (mut depth, mut begin) = (0, 0);
                for (index, letter) in group.char_indices() {
                    match letter {
                        '{' => depth += 1,
                        '}' if depth == 0 => {
                            parts.push(&group[begin..index]);
                            break;
                        }
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            parts.push(&group[begin..index]);
                            begin = index + 1;
                        }
                        _ => {}
                    }
                }
            }
        }
        let name = |part: &str| part.trim_start().chars().take_while(|c| is_word(*c)).collect::<String>();
        names.extend(parts.into_iter().map(name).filter(|name| !name.is_empty() && name != "super"));
    }
    names
}

/// A path from a module back to itself.
fn cycle(imports: &Imports) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    imports.keys().find_map(|module| way_round(imports, module, &mut Vec::new(), &mut done))
}

fn way_round(
    imports: &Imports,
    module: &String,
    way: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(begin) = way.iter().position(|passed| passed == module) {
        return Some(way[begin..].iter().chain([module]).cloned().collect());
    }
    if !done.insert(module.clone()) {
        return None;
    }
    way.push(module.clone());
    let further = imports.get(module).into_iter().flatten();
    let found = further.into_iter().find_map(|next| way_round(imports, next, way, done));
    way.pop();
    found
}
