//! `--open`: the link is opened on this machine, with the program that this machine uses for links.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tests::Rig;
use tests::browser::turn;
use tests::home::{has, of_first_host, set_off};
use tests::person::Person;
use tests::running::within;

use crate::{Case, login};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        the_link_that_is_shown_is_opened,
        a_browsers_link_is_opened_whole,
        nothing_is_opened_unasked,
        a_program_gets_no_link_where_one_is_opened,
        where_nothing_opens_links_that_is_said_and_the_login_goes_on,
        where_no_browser_opens_that_is_said_and_the_login_goes_on,
    ]
}

/// A PATH with only OpenSSH's `ssh`, and this script as `xdg-open`.
pub(crate) fn path(person: &Person<'_>, xdg_open: Option<&str>) -> PathBuf {
    if let Some(script) = xdg_open {
        person.program("programs/xdg-open", script);
    }
    person.ssh_alone()
}

/// A script that records each of its arguments on its own line.
pub(crate) const NOTES: &str = "printf '%s\\n' \"$@\" >>\"$HOME/opened\"";

/// What was opened.
pub(crate) fn opened(person: &Person<'_>) -> Option<String> {
    fs::read_to_string(person.path("opened")).ok()
}

/// Logs in with this as `xdg-open`. Returns exit status, standard output, standard error, and what was opened.
pub(crate) fn logs_in(
    person: &Person<'_>,
    xdg_open: Option<&str>,
    more: &[&str],
) -> ((i32, String, String), Option<String>) {
    let mut command = person.command(&login(more));
    let output = tests::started::output(command.env("PATH", path(person, xdg_open)));
    (person.said(output), opened(person))
}

fn the_link_that_is_shown_is_opened(rig: &Rig) {
    let person = rig.person(1);
    let ((status, stdout, stderr), opened) = logs_in(&person, Some(NOTES), &["--open"]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    let shown = set_off(&stderr);
    assert_eq!(opened.unwrap(), format!("{}\n", shown[0]), "the link alone, once, and not the code");
    person.account().has_a_login_of_its_own();
}

fn a_browsers_link_is_opened_whole(rig: &Rig) {
    let _turn = turn();
    let person = rig.person(1);
    let path = path(&person, Some(NOTES));
    let mut terminal = person.at_terminal(&login(&["--open", "--browser"]).join(" "), Some(&path));
    let is_opened =
        within(Duration::from_secs(20), || opened(&person).is_some_and(|link| link.ends_with('\n')));
    terminal.hears("&state=", b"\x03");
    let shown = String::from_utf8(terminal.ends(130)).unwrap();
    assert!(is_opened, "nothing was opened: {shown}");
    let link = opened(&person).unwrap();
    assert!(link.contains("/oauth/authorize?") && link.contains("&state="));
    has(&shown, &[format!("    {}\r\n", link.trim())]);
}

fn nothing_is_opened_unasked(rig: &Rig) {
    let person = rig.person(1);
    let ((status, stdout, stderr), opened) = logs_in(&person, Some(NOTES), &[]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert_eq!(opened, None);
}

fn a_program_gets_no_link_where_one_is_opened(rig: &Rig) {
    let person = rig.person(1);
    // What a browser prints is not printed by the command.
    let does = format!("{NOTES}; echo \"opening $1\"; echo \"opening $1\" >&2");
    let ((status, stdout, stderr), opened) = logs_in(&person, Some(&does), &["--open", "--format", "json"]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert_eq!(of_first_host(&stdout)["result"], "logged-in");
    assert!(!stdout.contains(opened.unwrap().trim()));
    assert!(!stderr.contains("opening "), "{stderr}");
}

/// Checks that the message says why nothing was opened and what to do, and that the login continues.
fn says_why(person: &Person<'_>, (status, stdout, stderr): &(i32, String, String), why: &str) {
    assert_eq!(*status, 0, "{stdout}{stderr}");
    has(
        stderr,
        &[format!("no browser could be opened on this machine: {why}\n  hint: open the link yourself\n")],
    );
    let shown = set_off(stderr);
    assert_eq!(shown.len(), 2, "link and code are shown all the same: {stderr}");
    assert_eq!(stderr.matches(shown[0]).count(), 1, "{stderr}");
    person.account().has_a_login_of_its_own();
}

fn where_nothing_opens_links_that_is_said_and_the_login_goes_on(rig: &Rig) {
    let person = rig.person(1);
    let (said, opened) = logs_in(&person, None, &["--open"]);
    assert_eq!(opened, None);
    says_why(&person, &said, "no program that opens links, such as xdg-open, is on the PATH");
}

fn where_no_browser_opens_that_is_said_and_the_login_goes_on(rig: &Rig) {
    let person = rig.person(1);
    // The exit status of xdg-open if it finds no browser.
    let (said, opened) = logs_in(&person, Some(&format!("{NOTES}; exit 3")), &["--open"]);
    assert!(opened.is_some());
    says_why(&person, &said, "the program that opens links failed");
}
