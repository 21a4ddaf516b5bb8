//! Where the guide's commands come from: the lessons, and the smoke tests as a person runs them by hand.

use super::problem::Fault;
use crate::run::SMOKE_TESTS;
use codex_remote_auth::lessons::{
    Catalogue, CodexAt, Given, GivenFile, LoginKind, Shell, Step, Way, closest,
};

/// A lesson or a smoke test.
pub(super) struct Source {
    pub(super) id: String,
    pub(super) given: Given,
    /// The steps in their order, with their headings.
    pub(super) steps: Vec<(String, Step)>,
    /// Whether it is a lesson, which has a file to link to.
    is_lesson: bool,
}

impl Source {
    /// The step with this heading, and its number.
    pub(super) fn step(&self, heading: &str) -> Result<(usize, &Step), Fault> {
        let found = self.steps.iter().position(|(other, _)| other == heading);
        let Some(at) = found else {
            let steps = format!("its steps are: {}", self.headings());
            return Err(Fault::new(format!("{} has no step `{heading}`", self.id), steps));
        };
        Ok((at, &self.steps[at].1))
    }

    /// The headings of all its steps.
    pub(super) fn headings(&self) -> String {
        let headings: Vec<&str> = self.steps.iter().map(|(heading, _)| heading.as_str()).collect();
        headings.join("; ")
    }

    /// Its name, as a link if it has a file.
    pub(super) fn link(&self) -> String {
        if self.is_lesson { link(&self.id) } else { self.id.clone() }
    }

    /// What the host has before the first step, as far as it is not what every host has.
    pub(super) fn before(&self) -> String {
        let Given { shell, remote_login, codex, files, .. } = &self.given;
        let mut parts = Vec::new();
        if *shell != Shell::Bash {
            let name = shell.path().rsplit('/').next().unwrap_or_default();
            parts.push(format!("the login shell {name}"));
        }
        match codex {
            CodexAt::Path => {}
            CodexAt::Symlinks => parts.push("codex only as `~/symlinks/codex`".to_owned()),
            CodexAt::Nowhere => parts.push("no codex".to_owned()),
        }
        parts.extend(login(*remote_login).map(str::to_owned));
        parts.extend(files.iter().map(file));
        match parts.as_slice() {
            [some @ .., last] if !some.is_empty() => format!("{}, and {last}", some.join(", ")),
            parts => parts.concat(),
        }
    }
}

/// A file that a host has, with its lines.
fn file(GivenFile { path, text, link, directory, .. }: &GivenFile) -> String {
    let lines: Vec<String> = text.trim().lines().map(|line| format!("`{line}`")).collect();
    match link {
        _ if *directory => format!("the directory `~/{path}`"),
        Some(to) => format!("`~/{path}`, a link to `{to}`"),
        None => format!("`~/{path}` with {}", lines.join(" and ")),
    }
}

/// A login that a host has, in words.
fn login(kind: LoginKind) -> Option<&'static str> {
    Some(match kind {
        LoginKind::None => return None,
        LoginKind::Expired => "a login that has expired",
        LoginKind::Renewable => "a login that has to be renewed",
        LoginKind::Refused => "a login that is refused",
        LoginKind::NoQuota => "a login without quota",
        LoginKind::WrongRegion => "a login whose workspace does not allow the region",
        LoginKind::WrongCountry => "a login in a country that is not served",
        LoginKind::WrongWorkspace => "a login for a workspace that refuses it",
        LoginKind::Challenged => "a login, at an address that gets a page for browsers",
        LoginKind::Deactivated => "a login of a deactivated workspace",
        LoginKind::Busy => "a login, and the service is busy",
        LoginKind::BreaksOff => "a login whose first answer breaks off",
        LoginKind::NoRefreshToken => "an expired login without a refresh token",
        LoginKind::Utf16 => "a login in UTF-16",
        LoginKind::Fresher => "a login that is newer than the one here",
        LoginKind::CutShort | LoginKind::ClaudeCutShort => "a login that was cut short",
        LoginKind::NotJson => "a login that is not JSON",
        _ => "a login",
    })
}

/// A lesson's name as a link to its file, from the folder of the documents.
pub(super) fn link(id: &str) -> String {
    format!("[{id}](../fixtures/lessons/{id}.toml)")
}

/// All lessons and smoke tests.
pub(super) struct AllSources(Vec<Source>);

impl AllSources {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let lessons = catalogue.lessons().iter().map(|lesson| Source {
            id: lesson.id.clone(),
            given: lesson.given.clone(),
            steps: lesson.headed_steps().map(|(heading, step)| (heading, step.clone())).collect(),
            is_lesson: true,
        });
        let tests = SMOKE_TESTS.iter().map(|test| {
            let heading = |step: &Step| format!("{}: {}", Way::Right.as_str(), step.name);
            let steps = test.by_hand().into_iter().map(|step| (heading(&step), step));
            Source { id: test.id.to_owned(), given: test.given(), steps: steps.collect(), is_lesson: false }
        });
        Self(lessons.chain(tests).collect())
    }

    /// The lesson or smoke test of that name.
    pub(super) fn get(&self, id: &str) -> Result<&Source, Fault> {
        self.0.iter().find(|source| source.id == id).ok_or_else(|| {
            let meant = closest(id, self.0.iter().map(|source| source.id.as_str()));
            let meant = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            Fault::new(format!("unknown lesson or smoke test `{id}`{meant}"), "cargo xtask smoke --list")
        })
    }

    /// Whether some step has this text; `…` stands for anything.
    pub(super) fn have(&self, text: &str) -> bool {
        let is_in = |command: &str| {
            let mut rest = command;
            text.split('…').all(|part| match rest.split_once(part.trim()) {
                Some((_, behind)) => {
                    rest = behind;
                    true
                }
                None => false,
            })
        };
        let steps = self.0.iter().flat_map(|source| &source.steps);
        steps.filter_map(|(_, step)| super::command::command(step).ok()).any(|command| is_in(&command))
    }
}
