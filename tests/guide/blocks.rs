//! The commands in the guide, with what it says that they show.

use codex_remote_auth::lessons::{Expect, FileExpect, FileIs, Way};
use harness::report::{ELLIPSIS, FILE, LEAKS};
use semver::Version;
use tests::Rig;

use crate::{Case, guide};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        every_block_says_what_it_is_and_which_lesson_shows_it,
        a_block_is_read_with_its_commands_and_what_they_show,
        every_command_shows_something_on_each_release,
        the_form_of_a_login_is_that_of_the_logins_in_the_tests,
        every_link_leads_to_a_file_or_a_heading,
    ]
}

/// A block of commands.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The nearest heading of the second level.
    pub(crate) section: String,
    /// The lesson or smoke test that shows it.
    pub(crate) source: String,
    pub(crate) commands: Vec<Command>,
}

/// A command, and what it shows.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) line: usize,
    pub(crate) way: Way,
    pub(crate) text: String,
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
    pub(crate) fn on(&self, release: &Version) -> Option<&Expect> {
        let is_of =
            |shown: &&Shown| shown.releases.as_ref().is_none_or(|(from, to)| (from..=to).contains(&release));
        let mut found = self.shows.iter().filter(is_of);
        let expect = found.next().map(|shown| &shown.expect);
        assert!(found.next().is_none(), "line {}: two of what it shows are of {release}", self.line);
        expect
    }
}

/// The blocks of the guide, in order.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
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

fn every_block_says_what_it_is_and_which_lesson_shows_it(_: &Rig) {
    let text = guide();
    let fences: Vec<&str> = text.lines().filter(|line| line.starts_with("```")).collect();
    for pair in fences.chunks(2) {
        assert!(["```sh", "```json", "```bash"].contains(&pair[0]) && pair[1] == "```", "{pair:?}");
    }
    let blocks = blocks(&text);
    assert!(blocks.len() > 30, "{}", blocks.len());
    let wrong = blocks.iter().flat_map(|block| &block.commands).filter(|command| command.way == Way::Wrong);
    assert!(wrong.count() > 20);
    assert!(!text.contains("experimental_issuer"), "a person would send a login to the test cloud");
}

fn a_block_is_read_with_its_commands_and_what_they_show(_: &Rig) {
    let text = "## One\n```sh\n# WRONG: why\none\n  two\n# 0.1.0: exit 1\n#   stderr: a … b\n# 0.2.0 to 0.4.0: hangs\n\n\
                # RIGHT\nthree\n# exit 0\n#   afterwards, on the host: ~/a.json has mode 600\n```\n\nShown by [x](y) (z).\n";
    let [block] = &blocks(text)[..] else { panic!("not one block") };
    assert_eq!((block.section.as_str(), block.source.as_str()), ("One", "x"));
    let [wrong, right] = &block.commands[..] else { panic!("not two commands") };
    assert_eq!((wrong.way, wrong.text.as_str(), wrong.line), (Way::Wrong, "one\n  two\n", 4));
    let on = |command: &Command, minor| command.on(&Version::new(0, minor, 0)).cloned();
    assert_eq!(on(wrong, 1).unwrap().stderr, ["a", "b"]);
    assert!(on(wrong, 3).unwrap().hangs && on(wrong, 5).is_none());
    assert_eq!(on(right, 9).unwrap().files[0].mode.as_deref(), Some("600"));
}

fn every_command_shows_something_on_each_release(_: &Rig) {
    let catalogue = tests::lessons();
    for block in blocks(&guide()) {
        let lesson = catalogue.get(&block.source);
        for release in harness::run::ERAS {
            let applies = lesson.is_none_or(|lesson| lesson.codex.contains(&release));
            for command in block.commands.iter().filter(|_| applies) {
                assert!(command.on(&release).is_some(), "line {}: nothing on {release}", command.line);
            }
        }
    }
}

fn every_link_leads_to_a_file_or_a_heading(_: &Rig) {
    /// As GitHub names a heading.
    fn anchor(heading: &str) -> String {
        let kept = heading.to_lowercase().replace(' ', "-");
        kept.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
    }
    let (text, docs) = (guide(), tests::root().join("docs"));
    let mut count = 0;
    for link in text.split("](").skip(1) {
        let (link, _) = link.split_once(')').unwrap();
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        let page =
            if file.is_empty() { text.clone() } else { std::fs::read_to_string(docs.join(file)).unwrap() };
        let mut headings = page.lines().filter_map(|line| line.strip_prefix('#'));
        let is_there = headings.any(|other| anchor(other.trim_start_matches('#').trim()) == heading);
        assert!(heading.is_empty() || is_there, "{file}#{heading}");
        count += 1;
    }
    assert!(count > 30, "{count}");
}

fn the_form_of_a_login_is_that_of_the_logins_in_the_tests(rig: &Rig) {
    let text = guide();
    let (_, form) = text.split_once("```json\n").unwrap();
    let form: serde_json::Value = serde_json::from_str(form.split_once("```").unwrap().0).unwrap();
    let login = rig.login(std::time::Duration::ZERO);
    let login: serde_json::Value = serde_json::from_slice(login.bytes().expose()).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&form), keys(&login));
    assert_eq!(keys(&form["tokens"]), keys(&login["tokens"]));
    assert!(form["OPENAI_API_KEY"].is_null() && login["OPENAI_API_KEY"].is_null());
}
