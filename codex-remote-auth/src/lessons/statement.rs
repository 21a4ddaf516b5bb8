//! The statements of the guide, and whether each holds, as the runs show.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::catalogue::malformed;
use super::{CatalogueProblem, Guide, Releases};

/// A statement of the guide, in words of this project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawStatement")]
pub struct Statement {
    /// The section that states it.
    pub section: Guide,
    /// The statement.
    pub says: String,
    /// Whether it holds.
    pub worth: Worth,
    /// Why it does not simply hold; empty if it does.
    pub because: String,
    /// The lessons and smoke tests that show it.
    pub lessons: Vec<String>,
}

/// Whether a statement holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worth {
    /// It holds.
    Holds,
    /// It holds on these releases only.
    HoldsFor(Releases),
    /// It is false.
    Wrong,
    /// It cannot be tested.
    NotShown,
}

/// All statements, in the order of their file.
#[derive(Debug, Clone)]
pub struct Statements {
    path: PathBuf,
    statements: Vec<(usize, Statement)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    statement: Vec<Spanned<Statement>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStatement {
    section: Guide,
    says: String,
    verdict: Option<RawVerdict>,
    holds_for: Option<Releases>,
    #[serde(default)]
    because: String,
    lessons: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawVerdict {
    Holds,
    Wrong,
    NotShown,
}

impl TryFrom<RawStatement> for Statement {
    type Error = String;

    fn try_from(raw: RawStatement) -> Result<Self, String> {
        let worth = match (raw.verdict, raw.holds_for) {
            (Some(RawVerdict::Holds), None) => Worth::Holds,
            (Some(RawVerdict::Wrong), None) => Worth::Wrong,
            (Some(RawVerdict::NotShown), None) => Worth::NotShown,
            (None, Some(releases)) => Worth::HoldsFor(releases),
            _ => return Err("a statement has exactly one of `verdict` and `holds_for`".to_owned()),
        };
        if worth != Worth::Holds && raw.because.is_empty() {
            return Err("a statement that does not simply hold says `because` of what".to_owned());
        }
        if raw.lessons.is_empty() != (worth == Worth::NotShown) {
            return Err(
                "a statement names the `lessons` that show it; one that none shows is `not-shown`".to_owned()
            );
        }
        let RawStatement { section, says, because, lessons, .. } = raw;
        Ok(Self { section, says, worth, because, lessons })
    }
}

impl Statements {
    /// Reads the file of the statements.
    ///
    /// # Errors
    /// [`CatalogueProblem::Unreadable`] and [`CatalogueProblem::Malformed`].
    pub fn read(path: &Path) -> Result<Self, CatalogueProblem> {
        let text = std::fs::read_to_string(path).map_err(|error| CatalogueProblem::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, CatalogueProblem> {
        let file: File = toml::from_str(text).map_err(|error| malformed(path, text, &error))?;
        let with_line = |statement: Spanned<Statement>| {
            let line = text[..statement.span().start].matches('\n').count() + 1;
            (line, statement.into_inner())
        };
        Ok(Self { path: path.to_owned(), statements: file.statement.into_iter().map(with_line).collect() })
    }

    /// Refuses the first statement that names an unknown lesson.
    ///
    /// # Errors
    /// [`CatalogueProblem::Malformed`] with the statement's line.
    pub fn check(&self, known: &[&str]) -> Result<(), CatalogueProblem> {
        for (line, statement) in &self.statements {
            if let Some(id) = statement.lessons.iter().find(|id| !known.contains(&id.as_str())) {
                return Err(CatalogueProblem::Malformed {
                    path: self.path.clone(),
                    line: *line,
                    column: 1,
                    message: format!("unknown lesson {id}; see `cargo xtask lessons`"),
                });
            }
        }
        Ok(())
    }

    /// All statements.
    pub fn all(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().map(|(_, statement)| statement)
    }

    /// The statements of a section.
    pub fn of_section(&self, section: Guide) -> impl Iterator<Item = &Statement> {
        self.all().filter(move |statement| statement.section == section)
    }

    /// The statements that a lesson shows.
    pub fn shown_by<'a>(&'a self, lesson: &'a str) -> impl Iterator<Item = &'a Statement> {
        self.all().filter(move |statement| statement.lessons.iter().any(|id| id == lesson))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[statement]]\nsection = \"workflow\"\nsays = \"it is so\"\nverdict = \"holds\"\nlessons = [\"one\"]\n";

    fn refused(text: &str) -> String {
        Statements::parse(Path::new("guide.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_in_the_file_is_told_with_its_line() {
        let said = refused(&GOOD.replace("says", "sais"));
        assert!(said.starts_with("guide.toml:3:") && said.contains("unknown field `sais`"), "{said}");
        let said = refused(&format!(
            "{GOOD}\n{}",
            GOOD.replace("verdict = \"holds\"", "holds_for = \"0.134 and later\"")
        ));
        assert!(said.starts_with("guide.toml:10:") && said.contains("no range of releases"), "{said}");
        let said = refused(&GOOD.replace("workflow", "elsewhere"));
        assert!(said.starts_with("guide.toml:2:"), "{said}");
    }

    #[test]
    fn a_verdict_without_its_ground_is_refused() {
        for (wrong, said) in [
            (GOOD.replace("\"holds\"", "\"wrong\""), "because"),
            (GOOD.replace("[\"one\"]", "[]"), "not-shown"),
            (GOOD.replace("\"holds\"", "\"not-shown\"\nbecause = \"advice\""), "not-shown"),
            (GOOD.replace("verdict = \"holds\"", ""), "exactly one"),
            (format!("{GOOD}holds_for = \"<0.134\"\n"), "exactly one"),
        ] {
            assert!(refused(&wrong).contains(said), "{wrong}");
        }
    }

    #[test]
    fn a_statement_of_an_unknown_lesson_is_told_with_its_line() {
        let statements = Statements::parse(Path::new("guide.toml"), &format!("\n\n{GOOD}")).unwrap();
        assert_eq!(statements.check(&["one", "two"]), Ok(()));
        let said = statements.check(&["two"]).unwrap_err().to_string();
        assert!(said.starts_with("guide.toml:3:1: unknown lesson one"), "{said}");
    }

    #[test]
    fn statements_are_found_by_section_and_by_lesson() {
        let statements = Statements::parse(Path::new("guide.toml"), GOOD).unwrap();
        assert_eq!(statements.of_section(Guide::Workflow).count(), 1);
        assert_eq!(statements.of_section(Guide::QuickStart).count(), 0);
        assert_eq!((statements.shown_by("one").count(), statements.shown_by("on").count()), (1, 0));
    }
}
