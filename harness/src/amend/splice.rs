//! Puts several expectations in the place of one, in whichever form they are written.

use toml_edit::{Array, ArrayOfTables, InlineTable, Item, Table, Value};

use super::NewExpect;
use super::entry::{Entry, forget_place_of_table, narrowed, new, repeated};
use super::interval::Interval;

/// A part of the releases that one expectation spoke of.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    pub(super) range: Interval,
    /// What has to be shown there; as before where nothing is said.
    pub(super) content: Option<&'a NewExpect>,
}

/// Replaces the `at`th expectation by these; none where it is no expectation.
pub(super) fn replace(expects: &mut Item, at: usize, pieces: &[Piece<'_>]) -> Option<()> {
    match expects {
        Item::ArrayOfTables(tables) => in_tables(tables, at, pieces),
        Item::Value(Value::Array(array)) => in_array(array, at, pieces),
        _ => None,
    }
}

/// The comments of the old one go to the first piece that says the same.
fn entries<E: Entry>(old: &E, pieces: &[Piece<'_>]) -> Vec<E> {
    let mut commented = false;
    let entry = |piece: &Piece<'_>| {
        let range = piece.range.to_string();
        match piece.content {
            Some(content) => new(old, &range, content),
            None if std::mem::replace(&mut commented, true) => repeated(old, &range),
            None => narrowed(old.clone(), &range),
        }
    };
    pieces.iter().map(entry).collect()
}

fn in_tables(tables: &mut ArrayOfTables, at: usize, pieces: &[Piece<'_>]) -> Option<()> {
    let old = tables.get(at)?.clone();
    tables.remove(at);
    for (offset, mut table) in entries::<Table>(&old, pieces).into_iter().enumerate() {
        forget_place_of_table(&mut table);
        // What stands above the old one, empty lines and comments, goes above the first piece.
        *table.decor_mut() = old.decor().clone();
        if offset > 0 {
            table.decor_mut().set_prefix("");
        }
        tables.insert(at + offset, table);
    }
    Some(())
}

fn in_array(array: &mut Array, at: usize, pieces: &[Piece<'_>]) -> Option<()> {
    let old = array.get(at)?.as_inline_table()?.clone();
    array.remove(at);
    for (offset, mut table) in entries::<InlineTable>(&old, pieces).into_iter().enumerate() {
        *table.decor_mut() = old.decor().clone();
        if offset > 0 {
            table.decor_mut().clear();
        }
        array.insert_formatted(at + offset, Value::InlineTable(table));
    }
    if array.len() > 1 {
        one_a_line(array);
    }
    Some(())
}

fn one_a_line(array: &mut Array) {
    for entry in array.iter_mut() {
        let decor = entry.decor_mut();
        let is_on_its_line =
            decor.prefix().and_then(|prefix| prefix.as_str()).is_some_and(|prefix| prefix.contains('\n'));
        if !is_on_its_line {
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
