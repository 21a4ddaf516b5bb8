//! The form of the guide, and that the tests read it as a person does.

use codex_remote_auth::lessons::Way;
use semver::Version;
use tests::Rig;
use tests::guide_page::{Command, blocks, guide};

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        every_block_says_what_it_is_and_which_lesson_shows_it,
        a_block_is_read_with_its_commands_and_what_they_show,
        every_command_shows_something_on_each_release,
        the_form_of_a_login_is_that_of_the_logins_in_the_tests,
        every_link_leads_to_a_file_or_a_heading,
        every_option_of_the_program_exists,
    ]
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

/// The blocks are followed with the library, which has other names for the options.
fn every_option_of_the_program_exists(_: &Rig) {
    let help = std::process::Command::new(tests::program()).args(["deploy", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let mut options = 0;
    for command in blocks(&guide()).iter().flat_map(|block| &block.commands) {
        let Some(rest) = command.text.strip_prefix("codex-remote-auth deploy ") else { continue };
        let (host, flags) =
            rest.trim().rsplit_once(' ').map_or((rest.trim(), ""), |(flags, host)| (host, flags));
        assert_eq!(host, "remote", "line {}", command.line);
        for flag in flags.split_whitespace() {
            let exists = help.split_whitespace().any(|word| word.split(['[', '=']).next() == Some(flag));
            assert!(exists, "line {}: deploy has no option {flag}", command.line);
            options += 1;
        }
    }
    assert!(options > 2, "{options}");
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
