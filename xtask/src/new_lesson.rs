//! `cargo xtask lessons --new`: writes the file of a new lesson.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use codex_remote_auth::say_line;
use harness::run::catalogue;

use crate::names;
use crate::status::Refused;

/// A lesson that holds, with comments that explain its fields.
const TEMPLATE: &str = include_str!("new_lesson.toml");

/// Placeholder for the lesson's name in the template.
const NEW: &str = "NEW-LESSON";

/// Marks text that the author has to replace.
pub(crate) const TODO: &str = "TODO";

/// Writes a file for the new lesson `id` into the folder: the template, or a copy of another lesson.
pub(crate) fn write(folder: &Path, id: &str, like: Option<&str>) -> anyhow::Result<()> {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !id.split('-').all(is_word) {
        let what = format!("`{id}` is not a valid lesson name");
        return Err(Refused::new(what).hint("use lower-case words joined by hyphens").into());
    }
    let text = match like {
        None => TEMPLATE.replace(NEW, id),
        Some(other) => copy(folder, id, other)?,
    };
    let path = folder.join(format!("{id}.toml"));
    let mut file = fs::File::create_new(&path)
        .with_context(|| format!("cannot write {}; nothing was changed", path.display()))?;
    file.write_all(text.as_bytes())?;
    catalogue(folder)?;
    say_line!(
        "wrote {}\n\nnext:\n  edit the file\n  cargo xtask smoke {id}             # run the lesson\n  \
         cargo xtask lessons --accept {id}  # run it in every era and under its mutants, write its snapshot, list what is missing",
        path.display()
    );
    Ok(())
}

/// Copies another lesson's text under a new name. Diagnoses are left out, because each belongs to one lesson only.
fn copy(folder: &Path, id: &str, other: &str) -> anyhow::Result<String> {
    let all = catalogue(folder)?;
    let known: Vec<&str> = all.lessons().iter().map(|lesson| lesson.id.as_str()).collect();
    if !known.contains(&other) {
        names::select("lesson", &[other.to_owned()], &known, "cargo xtask lessons")?;
        return Err(Refused::new(format!("`{other}` is not one lesson"))
            .hint("name the lesson to copy")
            .into());
    }
    let path = folder.join(format!("{other}.toml"));
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.lines().filter(|line| !line.starts_with("diagnoses = "));
    let lines = lines.map(|line| match (line.starts_with("id = "), line.strip_prefix("title = \"")) {
        (true, _) => format!("id = \"{id}\"\n"),
        (false, Some(title)) => format!("title = \"{TODO}: {title}\n"),
        (false, None) => format!("{line}\n"),
    });
    Ok(lines.collect())
}
