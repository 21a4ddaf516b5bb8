//! What the runs showed, as `docs/compatibility.json` keeps it.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};

use super::problem::RecordProblem;
use super::shown::{Shown, shown};
use crate::run::{CellStatus, ReleaseDrift, tool_of};
use crate::target::CodexUnderTest;
use codex_remote_auth::lessons::{Catalogue, Tool};

/// What the runs showed: every lesson on every release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compatibility {
    version: u32,
    releases: Vec<Column>,
    lessons: BTreeMap<String, Record>,
}

/// A release that was run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// `codex` or `claude`.
    pub tool: String,
    /// The release.
    pub release: Version,
    /// The first 16 digits of the SHA-256 of the program.
    pub sha256: String,
}

/// What one lesson showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The program that it is about.
    pub tool: String,
    /// Neighbouring releases that show the same, ascending.
    pub eras: Vec<Era>,
}

/// Neighbouring releases on which a lesson shows the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Era {
    /// The first of them.
    pub from: Version,
    /// The last of them.
    pub to: Version,
    /// What it shows.
    #[serde(flatten)]
    pub cell: CellRecord,
}

/// One lesson on one release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellRecord {
    /// Whether it holds.
    pub status: Mark,
    /// What its steps showed.
    pub shows: Vec<Shown>,
}

/// Whether a lesson holds, of those outcomes that can be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Everything is as the lesson says.
    Holds,
    /// The release shows something else.
    Drifted,
    /// The lesson does not speak of this release.
    NotApplicable,
}

const VERSION: u32 = 1;

impl Compatibility {
    /// A record of no run.
    pub fn new() -> Self {
        Self { version: VERSION, ..Self::default() }
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// [`RecordProblem::Malformed`].
    pub fn from_json(text: &str) -> Result<Self, RecordProblem> {
        serde_json::from_str(text).map_err(|error| RecordProblem::Malformed {
            line: error.line(),
            column: error.column(),
            reason: error.to_string(),
        })
    }

    /// As the file has it.
    pub fn to_json(&self) -> String {
        // Maps with names for keys, and nothing that could refuse to be written.
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// Takes the run of one release, in place of an earlier one of the same release.
    ///
    /// # Errors
    /// [`RecordProblem`] where the run shows nothing that could be relied on; the record is as it was.
    pub fn take(&mut self, drift: &ReleaseDrift, catalogue: &Catalogue) -> Result<(), RecordProblem> {
        let (column, cells) = recorded(drift, catalogue)?;
        let mut all = self.spread();
        self.releases.retain(|other| (&other.tool, &other.release) != (&column.tool, &column.release));
        let (tool, release) = (column.tool.clone(), column.release.clone());
        self.releases.push(column);
        self.releases.sort_by(|a, b| b.tool.cmp(&a.tool).then_with(|| a.release.cmp(&b.release)));
        for (lesson, cell) in cells {
            all.entry((tool.clone(), lesson)).or_default().insert(release.clone(), cell);
        }
        self.gather(all);
        Ok(())
    }

    /// Forgets the lessons that are not among these.
    pub fn keep(&mut self, lessons: &[&str]) {
        self.lessons.retain(|id, _| lessons.contains(&id.as_str()));
    }

    /// The releases, those of Codex before those of Claude Code, ascending.
    pub fn releases(&self) -> &[Column] {
        &self.releases
    }

    /// The releases of one program, ascending.
    pub fn of_tool<'a>(&'a self, tool: &'a str) -> impl Iterator<Item = &'a Column> {
        self.releases.iter().filter(move |column| column.tool == tool)
    }

    /// What a lesson showed.
    pub fn lesson(&self, id: &str) -> Option<&Record> {
        self.lessons.get(id)
    }

    /// What a lesson showed on one release.
    pub fn cell(&self, id: &str, release: &Version) -> Option<&CellRecord> {
        let era = |era: &&Era| (&era.from..=&era.to).contains(&release);
        self.lesson(id)?.eras.iter().find(era).map(|era| &era.cell)
    }

    /// Every cell by itself.
    fn spread(&self) -> BTreeMap<(String, String), BTreeMap<Version, CellRecord>> {
        let mut all: BTreeMap<_, BTreeMap<Version, CellRecord>> = BTreeMap::new();
        for (id, record) in &self.lessons {
            let row = all.entry((record.tool.clone(), id.clone())).or_default();
            for column in self.of_tool(&record.tool) {
                if let Some(cell) = self.cell(id, &column.release) {
                    row.insert(column.release.clone(), cell.clone());
                }
            }
        }
        all
    }

    /// Neighbours that show the same become one era; a release that a lesson was not run on parts two.
    fn gather(&mut self, all: BTreeMap<(String, String), BTreeMap<Version, CellRecord>>) {
        self.lessons.clear();
        for ((tool, id), row) in all {
            let mut eras: Vec<Era> = Vec::new();
            let mut follows = false;
            for Column { release, .. } in self.releases.iter().filter(|column| column.tool == tool) {
                let cell = row.get(release);
                match (eras.last_mut(), cell) {
                    (_, None) => {}
                    (Some(era), Some(cell)) if follows && era.cell == *cell => era.to = release.clone(),
                    (_, Some(cell)) => {
                        eras.push(Era { from: release.clone(), to: release.clone(), cell: cell.clone() });
                    }
                }
                follows = cell.is_some();
            }
            self.lessons.insert(id, Record { tool, eras });
        }
    }
}

/// The name of a program in the record.
pub(super) fn tool_name(tool: Tool) -> &'static str {
    match tool {
        Tool::Codex => "codex",
        Tool::Claude => "claude",
    }
}

/// A run as the record has it.
pub(super) fn recorded(
    drift: &ReleaseDrift,
    catalogue: &Catalogue,
) -> Result<(Column, Vec<(String, CellRecord)>), RecordProblem> {
    let release = drift.release();
    let (CodexUnderTest::Real(real) | CodexUnderTest::Claude(real)) = &drift.codex else {
        return Err(RecordProblem::NotReal(drift.codex.to_string()));
    };
    if let Some(leak) = drift.leaks.first() {
        return Err(RecordProblem::Leak { release: release.clone(), place: leak.place.clone() });
    }
    let mut cells = Vec::with_capacity(drift.cells.len());
    for cell in &drift.cells {
        let status = match cell.status {
            CellStatus::Holds => Mark::Holds,
            CellStatus::Drifted => Mark::Drifted,
            CellStatus::NotApplicable => Mark::NotApplicable,
            CellStatus::Error => {
                let (lesson, seen) = (cell.lesson.clone(), cell.seen.clone());
                return Err(RecordProblem::NotRun { lesson, release: release.clone(), seen });
            }
        };
        let shows = shown(cell, catalogue.get(&cell.lesson), release);
        cells.push((cell.lesson.clone(), CellRecord { status, shows }));
    }
    let sha256 = real.sha256.chars().take(16).collect();
    let tool = tool_name(tool_of(&drift.codex)).to_owned();
    Ok((Column { tool, release: release.clone(), sha256 }, cells))
}
