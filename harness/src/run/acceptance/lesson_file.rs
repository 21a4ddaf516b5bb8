//! Puts new expectations into the text of a lesson. All else stays as it is, with comments and layout.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use super::Part;
use codex_remote_auth::lessons::{Expect, Way};

/// What is written anew for each expectation; other keys are taken over.
const WRITTEN: [&str; 6] = ["codex", "exit", "hangs", "stdout", "stderr", "diagnosis"];

/// The text with these in the place of one expectation; none where the text has none there, or could not be kept otherwise.
pub(super) fn replace(text: &str, way: Way, step: usize, place: usize, parts: &[Part]) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    // Line ends other than `\n` would not be kept.
    if document.to_string() != text {
        return None;
    }
    let steps = document.get_mut(way.as_str())?.as_array_of_tables_mut()?;
    match steps.get_mut(step)?.get_mut("expect")? {
        Item::ArrayOfTables(tables) => {
            let old = tables.get(place)?.clone();
            tables.remove(place);
            let plain = old.clone().into_inline_table();
            let mut with_comments = Some(old.clone());
            for (offset, part) in parts.iter().enumerate() {
                // The comments of the old one stay with the first that says the same.
                let mut table = match with_comments.take_if(|_| !part.is_new) {
                    Some(old) => with_range(old, &part.expect),
                    None => rewritten(&plain, &part.expect).into_table(),
                };
                let above = if offset == 0 { old.decor().prefix().cloned() } else { None };
                table.decor_mut().set_prefix(above.unwrap_or_default());
                tables.insert(place + offset, table);
            }
        }
        Item::Value(Value::Array(array)) => {
            let old = array.get(place)?.as_inline_table()?.clone();
            array.remove(place);
            for (offset, part) in parts.iter().enumerate() {
                let mut table = rewritten(&old, &part.expect);
                if offset == 0 {
                    *table.decor_mut() = old.decor().clone();
                }
                array.insert_formatted(place + offset, Value::InlineTable(table));
            }
            if array.len() > 1 {
                one_a_line(array);
            }
        }
        _ => return None,
    }
    Some(document.to_string())
}

fn with_range(mut table: Table, expect: &Expect) -> Table {
    let comment = table.get("codex").and_then(Item::as_value).map(|old| old.decor().clone());
    let mut range = Value::from(expect.codex.to_string());
    *range.decor_mut() = comment.unwrap_or_default();
    table.insert("codex", Item::Value(range));
    table.sort_values_by(|one, _, other, _| (one.get() != "codex").cmp(&(other.get() != "codex")));
    table
}

fn rewritten(old: &InlineTable, expect: &Expect) -> InlineTable {
    let texts = |texts: &[String]| Value::from(texts.iter().collect::<Array>());
    let mut new = InlineTable::new();
    new.insert("codex", expect.codex.to_string().into());
    if let Some(status) = expect.exit {
        new.insert("exit", i64::from(status).into());
    }
    if expect.hangs {
        new.insert("hangs", true.into());
    }
    for (key, lines) in [("stdout", &expect.stdout), ("stderr", &expect.stderr)] {
        if !lines.is_empty() {
            new.insert(key, texts(lines));
        }
    }
    if let Some(diagnosis) = &expect.diagnosis {
        new.insert("diagnosis", diagnosis.into());
    }
    for (key, value) in old.iter().filter(|(key, _)| !WRITTEN.contains(key)) {
        new.insert(key, value.clone());
    }
    new.fmt();
    new
}

fn one_a_line(array: &mut Array) {
    for entry in array.iter_mut() {
        let decor = entry.decor_mut();
        if !decor.prefix().and_then(|prefix| prefix.as_str()).is_some_and(|prefix| prefix.contains('\n')) {
            decor.set_prefix("\n  ");
        }
        if decor.suffix().and_then(|suffix| suffix.as_str()).is_some_and(|suffix| suffix.trim().is_empty()) {
            decor.set_suffix("");
        }
    }
    if array.trailing().as_str().is_none_or(|trailing| !trailing.contains('\n')) {
        array.set_trailing("\n");
    }
    array.set_trailing_comma(true);
}

/// At every moment the file is the old one or the new one, complete.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::metadata(path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
