//! docs/SKILL.md as a test reads it: the commands, what the guide says that they show, and each block as a lesson that can be run.

use codex_remote_auth::lessons::{
    Action, Catalogue, DeployStep, Expect, FileExpect, FileIs, Given, Lesson, StdinKind, Step, Tool, Way,
};
use harness::report::{ELLIPSIS, FILE, FOR_THE_TEST_CLOUD, LEAKS, VERIFIED, typed};
use harness::run::SMOKE_TESTS;
use semver::Version;

/// The guide.
pub fn guide() -> String {
    std::fs::read_to_string(crate::root().join("docs/SKILL.md")).unwrap()
}

/// A block of commands.
#[derive(Debug, Clone)]
pub struct Block {
    /// The nearest heading of the second level.
    pub section: String,
    /// The lesson or smoke test that shows it.
    pub source: String,
    /// The commands, in order.
    pub commands: Vec<Command>,
}

/// A command, and what it shows.
#[derive(Debug, Clone)]
pub struct Command {
    /// The first line of the command.
    pub line: usize,
    /// How it is marked.
    pub way: Way,
    /// The command.
    pub text: String,
    shows: Vec<Shown>,
}

/// What a command shows, on some releases or on all.
#[derive(Debug, Clone)]
struct Shown {
    releases: Option<(Version, Version)>,
    expect: Expect,
}

impl Command {
    /// What the guide says that it shows on a release.
    pub fn on(&self, release: &Version) -> Option<&Expect> {
        let is_of =
            |shown: &&Shown| shown.releases.as_ref().is_none_or(|(from, to)| (from..=to).contains(&release));
        let mut found = self.shows.iter().filter(is_of);
        let expect = found.next().map(|shown| &shown.expect);
        assert!(found.next().is_none(), "line {}: two of what it shows are of {release}", self.line);
        expect
    }
}

/// The blocks of the guide, in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut section = String::new();
    let mut lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    while let Some((_, line)) = lines.next() {
        if let Some(name) = line.strip_prefix("## ") {
            name.clone_into(&mut section);
        }
        if line == "```sh" {
            let within: Vec<(usize, &str)> = lines.by_ref().take_while(|(_, line)| *line != "```").collect();
            let (number, shown_by) = lines.by_ref().find(|(_, line)| !line.is_empty()).unwrap();
            let source =
                shown_by.strip_prefix("Shown by ").unwrap_or_else(|| panic!("line {number}: {shown_by}"));
            let source = source.trim_start_matches('[').split([']', ' ']).next().unwrap().to_owned();
            blocks.push(Block { section: section.clone(), source, commands: commands(&within) });
        }
    }
    blocks
}

fn commands(lines: &[(usize, &str)]) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for (number, line) in lines {
        let way = [Way::Right, Way::Wrong].into_iter().find(|way| {
            line.strip_prefix("# ").is_some_and(|rest| rest.starts_with(&way.as_str().to_uppercase()))
        });
        if let Some(way) = way {
            commands.push(Command { line: number + 1, way, text: String::new(), shows: Vec::new() });
            continue;
        }
        let command = commands.last_mut().unwrap_or_else(|| panic!("line {number}: neither right nor wrong"));
        match line.strip_prefix('#') {
            None if line.is_empty() => {}
            None => {
                assert!(command.shows.is_empty(), "line {number}: a command without a mark");
                command.text += line;
                command.text.push('\n');
            }
            Some(comment) => match comment.strip_prefix("   ") {
                None => command.shows.push(end(*number, comment.trim())),
                Some(detail) => adds(*number, command.shows.last_mut().unwrap(), detail),
            },
        }
    }
    commands
}

/// `exit 1`, `hangs`, or one of these after `0.133.0: ` or `0.134.0 to 0.163.0: `.
fn end(number: usize, comment: &str) -> Shown {
    let (releases, end) = match comment.split_once(": ") {
        None => (None, comment),
        Some((range, end)) => {
            let (from, to) = range.split_once(" to ").unwrap_or((range, range));
            let [from, to] = [from, to]
                .map(|text| Version::parse(text).unwrap_or_else(|_| panic!("line {number}: {range}")));
            (Some((from, to)), end)
        }
    };
    let mut expect = Expect::default();
    match end.strip_prefix("exit ").map(str::parse) {
        Some(Ok(status)) => expect.exit = Some(status),
        _ if end == "hangs" => expect.hangs = true,
        _ => panic!("line {number}: `{comment}` is no end of a command"),
    }
    Shown { releases, expect }
}

fn adds(number: usize, shown: &mut Shown, detail: &str) {
    let texts = |texts: &str| texts.split(ELLIPSIS).map(str::to_owned).collect();
    if let Some(said) = detail.strip_prefix("stdout: ") {
        shown.expect.stdout = texts(said);
    } else if let Some(said) = detail.strip_prefix("stderr: ") {
        shown.expect.stderr = texts(said);
    } else if detail == LEAKS {
        shown.expect.leaks = true;
    } else if let Some(file) = detail.strip_prefix(FILE).and_then(|rest| rest.strip_prefix("~/")) {
        let (path, state) = file.split_once(' ').unwrap();
        let mode = state.strip_prefix("has mode ").map(str::to_owned);
        let is = match (state, &mode) {
            ("does not exist", _) => FileIs::Absent,
            (_, Some(_)) if path.ends_with(".json") => FileIs::File,
            (_, Some(_)) => FileIs::Directory,
            _ => panic!("line {number}: `{state}`"),
        };
        shown.expect.files.push(FileExpect { path: path.to_owned(), is, mode });
    } else {
        panic!("line {number}: `{detail}` is nothing that a command shows");
    }
}

/// The longest that a command may take on a busy machine, and how long one is watched that hangs. In seconds.
const PATIENCE: f64 = 40.0;
const HANG: f64 = 4.0;

/// A block as a lesson with the commands of the guide. `None` if its lesson does not apply to the release.
pub fn as_a_lesson(block: &Block, catalogue: &Catalogue, release: &Version) -> Option<Lesson> {
    let any = &catalogue.lessons()[0];
    let (given, known, mut right) = origin(&block.source, catalogue);
    let original = catalogue.get(&block.source).unwrap_or(any);
    if catalogue.get(&block.source).is_some() && !original.codex.contains(release) {
        return None;
    }
    let mut rest = known.iter();
    let mut wrong = Vec::new();
    for command in &block.commands {
        // Steps can have the same command, so the order counts.
        let of = rest.find(|step| typed(step).as_deref() == Some(command.text.trim()));
        let of = of.unwrap_or_else(|| panic!("line {}: no step of {} has this", command.line, block.source));
        let of = of.expect.iter().find(|expect| expect.codex.contains(release)).unwrap();
        let step = step(command, of, release);
        if command.way == Way::Wrong { wrong.push(step) } else { right.push(step) }
    }
    let id = format!("guide-{}-{}", block.source, block.commands[0].line);
    let (mutants, tool) = (Vec::new(), Tool::Codex);
    Some(Lesson { id, given, wrong, right, mutants, tool, ..original.clone() })
}

/// The state before the block, the steps of its lesson or smoke test, and the steps that come before it.
fn origin(id: &str, catalogue: &Catalogue) -> (Given, Vec<Step>, Vec<Step>) {
    if let Some(lesson) = catalogue.get(id) {
        return (lesson.given.clone(), lesson.steps().map(|(_, step)| step.clone()).collect(), Vec::new());
    }
    let at = SMOKE_TESTS.iter().position(|test| test.id == id).unwrap_or_else(|| panic!("{id}"));
    // The third test copies the login, which those after it need.
    let copies = SMOKE_TESTS[2].by_hand().remove(0);
    let before = if at > 2 { vec![copies] } else { Vec::new() };
    (SMOKE_TESTS[at].given(), SMOKE_TESTS[at].by_hand(), before)
}

/// The guide says what a command shows. Only what the fake cloud finds wrong with the call is from the lesson.
fn step(command: &Command, of: &Expect, release: &Version) -> Step {
    let mut expect = command.on(release).unwrap().clone();
    expect.findings.clone_from(&of.findings);
    let action = match command.text.strip_prefix("codex-remote-auth deploy ") {
        Some(rest) => {
            // The answer itself, which the program sums up.
            if expect.stdout == [VERIFIED] {
                expect.stdout = vec!["auth OK".to_owned()];
                expect.diagnosis = Some("works".to_owned());
            }
            Action::Deploy(options(rest.trim()))
        }
        None => {
            let device = "codex login --device-auth";
            Action::Local(command.text.replace(device, &format!("{device}{FOR_THE_TEST_CLOUD}")))
        }
    };
    let deadline = if expect.hangs { HANG } else { PATIENCE };
    Step {
        name: format!("line {}", command.line),
        action,
        stdin: StdinKind::Open,
        deadline,
        expect: vec![expect],
    }
}

/// The options of `codex-remote-auth deploy OPTIONS remote`. The program itself is what `newcomer` runs.
fn options(words: &str) -> DeployStep {
    let mut step = DeployStep::default();
    for word in words.split(' ') {
        match word {
            "remote" => {}
            "--force" => step.force = true,
            "--no-proof" => step.no_proof = true,
            other => panic!("`{other}`: this option of deploy is not known here"),
        }
    }
    step
}
