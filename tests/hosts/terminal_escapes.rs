//! Text from outside cannot control a terminal or fill the screen: host names, files, arguments, codex's output.

use tests::Rig;
use tests::home::has;
use tests::person::Person;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        names_of_hosts_work_no_terminal,
        arguments_work_no_terminal,
        what_codex_says_is_shortened_and_json_is_whole,
        what_is_asked_at_a_terminal_works_none,
        what_a_tool_says_there_forges_no_line_and_hides_none,
        what_codex_says_there_is_shown_without_its_colours,
        what_doctor_shows_of_a_host_works_no_terminal,
    ]
}

/// Colours, a title, a change of direction, a line separator, an invisible character, and C1.
const EVIL: &str = "a\u{1b}[31m\u{1b}]0;t\u{7}\u{202e}gnp\u{2066}\u{2028}\u{200b}\u{feff}\u{9b}2Kb";

/// Checks that a text has only lines of visible characters.
fn is_plain(text: &str) {
    let evil: Vec<char> = text
        .chars()
        .filter(|character| *character != '\n' && codex_remote_auth::ssh::is_hidden(*character))
        .collect();
    assert!(evil.is_empty(), "{evil:?} in {text:?}");
}

fn names_of_hosts_work_no_terminal(rig: &Rig) {
    let person = rig.person(1);
    let hosts = person.write("hosts", format!("{EVIL}\nbox0\n").as_bytes());
    for verb in ["deploy", "doctor", "rollback"] {
        let (status, stdout, stderr) = person.says(&[verb, "--hosts-file", hosts.to_str().unwrap()]);
        assert_ne!(status, 0);
        is_plain(&stdout);
        is_plain(&stderr);
    }
    let (_, stdout, _) =
        person.says(&["deploy", "--format", "json", "--hosts-file", hosts.to_str().unwrap()]);
    is_plain(&stdout);
    // Unless it was rejected as a host name, it is shown as it was given.
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(&stdout) {
        assert_eq!(value["hosts"][0]["host"], EVIL);
    }
}

fn arguments_work_no_terminal(rig: &Rig) {
    let person = rig.person(1);
    let long = format!("--{}", "x".repeat(100_000));
    let lines = format!("/nowhere/{EVIL}\nok        box0  deployed");
    for arguments in [
        ["deploy", EVIL],
        ["login", EVIL],
        ["deploy", &format!("--{EVIL}")],
        ["deploy", &format!("--hosts-file={lines}")],
        ["deploy", &format!("--retry-failed={lines}")],
        ["deploy", &format!("--auth={lines}")],
        ["deploy", &format!("--jobs={EVIL}")],
        ["deploy", &long],
    ] {
        let (status, stdout, stderr) = person.says(&[&arguments, ["me@127.0.0.1:9"].as_slice()].concat());
        assert_ne!(status, 0, "{arguments:?}");
        is_plain(&stdout);
        is_plain(&stderr);
        let said = format!("{stdout}{stderr}");
        assert!(!said.lines().any(|line| line.starts_with("ok ")), "{said}");
        assert!(said.lines().all(|line| line.chars().count() <= 4_000), "{} characters", said.len());
    }
}

fn what_codex_says_is_shortened_and_json_is_whole(rig: &Rig) {
    let person = rig.account().without_codex().person();
    // An error page on one line, as a proxy may send it.
    person.plants(
        "codex",
        "case $1 in exec) { printf 'ERROR begin '; head -c 100000 /dev/zero | tr '\\0' x; \
         printf '\\342\\200\\256 \\033[31mend'; echo; } >&2; exit 1 ;; *) echo codex-cli 0.163.0 ;; esac",
    );
    let (stdout, stderr) = person.ends(&["deploy", "box0"], 1);
    is_plain(&stdout);
    is_plain(&stderr);
    has(&stdout, &["codex said: ERROR begin x", "…"]);
    let longest = stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest < 500, "{longest} characters in a line");
}

fn what_is_asked_at_a_terminal_works_none(rig: &Rig) {
    let person = rig.person(1);
    // The name under which the key would be known comes from a configuration.
    person.know("");
    person.configure_first(&format!("Host box0\n  HostKeyAlias \"{EVIL}\"\n"));
    let mut terminal = person.at_terminal("deploy --no-proof box0", None);
    terminal.hears("(yes/no/fingerprint)? ", b"no\n");
    let shown = String::from_utf8(terminal.ends(1)).unwrap();
    has(&shown, &["The authenticity of host 'a"]);
    // The live line needs its own control characters.
    is_plain(&shown.replace("\r\n", "\n").replace("\r\u{1b}[2K", ""));
}

/// Checks that a call ends with this status and prints nothing that controls a terminal. Returns its standard output.
fn shows(person: &Person<'_>, arguments: &[&str], expected: i32) -> String {
    let (stdout, stderr) = person.ends(arguments, expected);
    let all = stdout.clone() + &stderr;
    is_plain(&all);
    stdout
}

/// Returns to the start of the line, sets an unterminated title, and contains an eight-bit control character.
const ORDERS: &str = r"\r\033[2Kok        box0  proven\033]0;title\302\233";

fn what_a_tool_says_there_forges_no_line_and_hides_none(rig: &Rig) {
    let person = rig.person(1);
    person.plants("mv", &format!("printf 'mv: not today{ORDERS}\\n' >&2; exit 1"));
    let said = shows(&person, &["deploy", "--no-proof", "box0"], 1);
    assert!(
        said.starts_with("FAILED    box0  ")
            && said.lines().skip(1).all(|line| line.starts_with("          ")),
        "{said}"
    );
    has(&said, &["mv: not today", "auth.json on the host is unchanged"]);
}

fn what_codex_says_there_is_shown_without_its_colours(rig: &Rig) {
    let person = rig.person(1);
    person.plants("codex", &format!("printf '\\033[1;31mERROR:\\033[0m not today{ORDERS}\\n' >&2; exit 1"));
    let said = shows(&person, &["deploy", "box0"], 1);
    assert!(said.starts_with("unproven  box0  + copied to "), "{said}");
    has(&said, &["x not verified (unknown): codex said: ERROR: not today", "hint: "]);
    assert!(said.lines().skip(1).all(|line| line.starts_with("          ")), "{said}");
}

fn what_doctor_shows_of_a_host_works_no_terminal(rig: &Rig) {
    let person = rig.person(1);
    person.there(&format!(
        "cat >.bashrc <<'END'\nexport CODEX_HOME=\"$HOME/$(printf 'a home{ORDERS}')\"\nEND\n\
         HOME=$PWD; . ./.bashrc; mkdir \"${{CODEX_HOME}}\""
    ));
    let said = shows(&person, &["doctor", "box0"], 1);
    has(&said, &["/a home"]);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    has(&shows(&person, &["deploy", "--no-proof", "box0"], 0), &["already up to date: ", "/a home"]);
}
