//! One expectation in the text of a lesson, as a table of its own or inline.

use toml_edit::{Array, InlineTable, Item, Table, TableLike, Value, value};

use super::NewExpect;

/// What an expectation is written as.
pub(super) trait Entry: TableLike + Clone + Default {
    /// Puts the key `codex` before the others, which keep their order.
    fn range_first(&mut self);
}

const RANGE: &str = "codex";
const NEVER: &str = "never";

/// What a new expectation does not take over from the old one.
const SHOWN: [&str; 5] = ["exit", "hangs", "stdout", "stderr", "diagnosis"];

impl Entry for Table {
    fn range_first(&mut self) {
        self.sort_values_by(|one, _, other, _| (one.get() != RANGE).cmp(&(other.get() != RANGE)));
    }
}

impl Entry for InlineTable {
    fn range_first(&mut self) {
        self.sort_values_by(|one, _, other, _| (one.get() != RANGE).cmp(&(other.get() != RANGE)));
    }
}

/// The same expectation for fewer releases, with its comments.
pub(super) fn narrowed<E: Entry>(mut entry: E, range: &str) -> E {
    match entry.get_mut(RANGE).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = Value::from(range);
            *old.decor_mut() = decor;
        }
        None => {
            entry.insert(RANGE, value(range));
            entry.range_first();
        }
    }
    entry
}

/// The same expectation for other releases, once more, so without its comments.
pub(super) fn repeated<E: Entry>(entry: &E, range: &str) -> E {
    let mut copy = E::default();
    copy.insert(RANGE, value(range));
    copy_keys(entry, &mut copy, |key| key != RANGE);
    copy
}

/// What a release was seen to show; what of the old expectation nobody saw to fail stays.
pub(super) fn new<E: Entry>(old: &E, range: &str, content: &NewExpect) -> E {
    let mut entry = E::default();
    entry.insert(RANGE, value(range));
    if let Some(status) = content.exit {
        entry.insert("exit", value(i64::from(status)));
    }
    if content.hangs {
        entry.insert("hangs", value(true));
    }
    for (key, texts) in [("stdout", &content.stdout), ("stderr", &content.stderr)] {
        if !texts.is_empty() {
            entry.insert(key, value(texts.iter().collect::<Array>()));
        }
    }
    copy_keys(old, &mut entry, |key| key == NEVER);
    if let Some(diagnosis) = &content.diagnosis {
        entry.insert("diagnosis", value(diagnosis));
    }
    copy_keys(old, &mut entry, |key| key != RANGE && key != NEVER && !SHOWN.contains(&key));
    entry
}

fn copy_keys(from: &dyn TableLike, to: &mut dyn TableLike, wanted: impl Fn(&str) -> bool) {
    for (key, item) in from.iter().filter(|(key, _)| wanted(key)) {
        let mut item = item.clone();
        forget_place(&mut item);
        to.insert(key, item);
    }
}

/// A copy of a table that knew its place in the file would be written in the place of the first one.
fn forget_place(item: &mut Item) {
    match item {
        Item::Value(value) => value.decor_mut().clear(),
        Item::Table(table) => forget_place_of_table(table),
        Item::ArrayOfTables(tables) => tables.iter_mut().for_each(forget_place_of_table),
        Item::None => {}
    }
}

/// The same for a table and those in it.
pub(super) fn forget_place_of_table(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(table) => forget_place_of_table(table),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(forget_place_of_table),
            Item::Value(_) | Item::None => {}
        }
    }
}
