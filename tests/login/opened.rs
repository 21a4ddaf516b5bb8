//! `--open`: the link that is shown is opened here, by whatever this machine opens links with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;
use tests::page::turn;
use tests::started;

use crate::Case;
use crate::program::{home, program, set_off};
use crate::rig::{Remote, Rig};

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

/// A PATH on which nothing is but OpenSSH's `ssh`, and `xdg-open` where it does something.
pub(crate) fn path(home: &TempDir, xdg_open: Option<&str>) -> String {
    let folder = home.path().join("programs");
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink(started::on_path("ssh"), folder.join("ssh")).unwrap();
    if let Some(does) = xdg_open {
        let file = folder.join("xdg-open");
        fs::write(&file, format!("#!/bin/sh\n{does}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder.to_str().unwrap().to_owned()
}

/// Notes each of its arguments in a line of its own.
pub(crate) const NOTES: &str = "printf '%s\\n' \"$@\" >>\"$HOME/opened\"";

pub(crate) fn opened(home: &TempDir) -> Option<String> {
    fs::read_to_string(home.path().join(Path::new("opened"))).ok()
}

/// Logs in with this in place of `xdg-open`; what came of it, and what was opened.
pub(crate) fn logs_in(
    remote: &Remote<'_>,
    xdg_open: Option<&str>,
    arguments: &[&str],
) -> (Output, Option<String>) {
    let home = home(remote);
    let output = started::output(program(&home, arguments).env("PATH", path(&home, xdg_open)));
    for stream in [&output.stdout, &output.stderr] {
        assert_eq!(remote.rig.leak_scanner().look(stream), None, "the program shows a secret");
    }
    (output, opened(&home))
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn the_link_that_is_shown_is_opened(rig: &Rig) {
    let remote = rig.account().make();
    let (output, opened) = logs_in(&remote, Some(NOTES), &["box", "--open"]);
    assert!(output.status.success(), "{output:?}");
    let shown = set_off(text(&output.stderr));
    assert_eq!(opened.unwrap(), format!("{}\n", shown[0]), "the link alone, once, and not the code");
    remote.has_a_login_of_its_own();
}

fn a_browsers_link_is_opened_whole(rig: &Rig) {
    let _turn = turn();
    let remote = rig.account().make();
    let (output, opened) = logs_in(&remote, Some(NOTES), &["box", "--open", "--browser", "--timeout", "4"]);
    assert_eq!(output.status.code(), Some(1), "nobody agreed: {output:?}");
    let shown = set_off(text(&output.stderr));
    assert!(shown[0].contains("/oauth/authorize?") && shown[0].contains("&state="), "{shown:?}");
    assert_eq!(opened.unwrap(), format!("{}\n", shown[0]));
}

fn nothing_is_opened_unasked(rig: &Rig) {
    let remote = rig.account().make();
    let (output, opened) = logs_in(&remote, Some(NOTES), &["box"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(opened, None);
}

fn a_program_gets_no_link_where_one_is_opened(rig: &Rig) {
    let remote = rig.account().make();
    // What a browser prints is not the verb's.
    let does = format!("{NOTES}; echo \"opening $1\"; echo \"opening $1\" >&2");
    let (output, opened) = logs_in(&remote, Some(&does), &["box", "--open", "--format", "json"]);
    assert!(output.status.success(), "{output:?}");
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["hosts"][0]["result"], "logged in");
    assert!(!text(&output.stdout).contains(opened.unwrap().trim()));
    assert!(!text(&output.stderr).contains("opening "), "{output:?}");
}

/// Holds that the message says why nothing was opened and what to do, and that the login goes on.
fn says_so(remote: &Remote<'_>, output: &Output, why: &str) {
    let stderr = text(&output.stderr);
    assert!(output.status.success(), "{output:?}");
    let said = format!("no browser could be opened here ({why}); open the link yourself\n");
    assert!(stderr.contains(&said), "{stderr}");
    let shown = set_off(stderr);
    assert_eq!(shown.len(), 2, "link and code are shown all the same: {stderr}");
    assert_eq!(stderr.matches(shown[0]).count(), 1, "{stderr}");
    remote.has_a_login_of_its_own();
}

fn where_nothing_opens_links_that_is_said_and_the_login_goes_on(rig: &Rig) {
    let remote = rig.account().make();
    let (output, opened) = logs_in(&remote, None, &["box", "--open"]);
    assert_eq!(opened, None);
    says_so(&remote, &output, "no program for links, as xdg-open, is on the PATH");
}

fn where_no_browser_opens_that_is_said_and_the_login_goes_on(rig: &Rig) {
    let remote = rig.account().make();
    // As xdg-open ends where it finds no browser.
    let (output, opened) = logs_in(&remote, Some(&format!("{NOTES}; exit 3")), &["box", "--open"]);
    assert!(opened.is_some());
    says_so(&remote, &output, "the program for links failed");
}
