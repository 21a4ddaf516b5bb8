//! Complete outputs of common cases, so that a garbled sentence is noticed in review.

use std::fs;

use crate::account::{Account, Ran, login};

/// Both outputs and the exit status, without what differs between machines.
fn shown(account: &Account, ran: &Ran) -> String {
    let mut text = String::new();
    for (name, stream) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        if !stream.is_empty() {
            text.push_str(&format!("{name}:\n{stream}"));
        }
    }
    let folder = account.path("").display().to_string();
    let text = text.replace(folder.trim_end_matches('/'), "/home/me");
    let user = format!("{}@", String::from_utf8_lossy(&user_name()).trim());
    let lines = text.replace(&user, "me@").lines().map(without_figures).collect::<Vec<_>>().join("\n");
    format!("exit {}\n{lines}", ran.status)
}

pub(crate) fn user_name() -> Vec<u8> {
    std::process::Command::new("id").arg("-un").output().unwrap().stdout
}

/// A line without times, free space, ages, host keys and the account's shell.
fn without_figures(line: &str) -> String {
    let mut line = line.trim_end().to_owned();
    if let Some((before, time)) = line.rsplit_once("  ")
        && time.strip_suffix(" s").is_some_and(|time| time.parse::<f64>().is_ok())
    {
        line = format!("{before}  0.00 s");
    }
    for (mark, unit) in [(" MiB left on", "MiB"), (" days ago", "days"), (" days", "days")] {
        if let Some(at) = line.rfind(mark).filter(|at| mark != " days" || line.len() == at + mark.len()) {
            let digits = line[..at].trim_end_matches(|digit: char| digit.is_ascii_digit()).len();
            if digits < at {
                line = format!("{}<{unit}>{}", &line[..digits], &line[at..]);
            }
        }
    }
    // A host key is new in each run.
    if let Some(at) = line.find("SHA256:") {
        line.replace_range(at + 7..at + 7 + 43, "<fingerprint>");
    }
    match line.split_once("shell          /") {
        Some((before, after)) => {
            let rest = after.find(';').map_or("", |at| &after[at..]);
            format!("{before}shell          /bin/SHELL{rest}")
        }
        None => line,
    }
}

/// Runs a call, and compares everything that it prints with the snapshot of this name.
fn is_shown(name: &str, account: &Account, call: &[&str]) {
    matches(name, call, &shown(account, &account.run(call)));
}

pub(crate) fn matches(name: &str, call: &[&str], text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_description(format!("codex-remote-auth {}", call.join(" ")));
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn deploys() {
    let account = Account::new();
    is_shown("deploy-dry-run", &account, &["deploy", "--dry-run", "box"]);
    is_shown("deploy-first", &account, &["deploy", "box"]);
    is_shown("deploy-again", &account, &["deploy", "box"]);
    let older = Account::with_login(&login("ann", 9));
    older.mode("auth.json", 0o644);
    is_shown("deploy-over-an-older-login", &older, &["deploy", "--backup", "box"]);
    is_shown("rollback", &older, &["rollback", "box"]);
    is_shown("deploy-no-proof", &Account::new(), &["deploy", "--no-proof", "box"]);
    let no_codex = Account::new();
    fs::remove_file(no_codex.path("bin/codex")).unwrap();
    is_shown("deploy-no-codex", &no_codex, &["deploy", "box"]);
    let refused = Account::new().codex("#!/bin/sh\necho 'ERROR: 401 Unauthorized' >&2\nexit 1\n");
    is_shown("deploy-refused-by-the-service", &refused, &["deploy", "box"]);
}

#[test]
fn refusals() {
    is_shown("refused-newer", &Account::with_login(&login("ann", 11)), &["deploy", "box"]);
    is_shown("refused-another-account", &Account::with_login(&login("bob", 9)), &["deploy", "box"]);
    let keyring = Account::with_home().file("config.toml", "cli_auth_credentials_store = \"keyring\"", 0o600);
    is_shown("refused-keyring", &keyring, &["deploy", "box"]);
    is_shown("refused-no-backup", &Account::new(), &["rollback", "box"]);
    is_shown("refused-no-reply", &Account::new().server("ForceCommand exit 1"), &["deploy", "box"]);
}

#[test]
fn connections() {
    let account = Account::new();
    is_shown("connection-refused", &account, &["deploy", "dead"]);
    is_shown("many-hosts", &account, &["deploy", "--jobs", "1", "box", "dead"]);
    // The program runs in the account's folder.
    is_shown("host-key-unknown", &account, &["deploy", "-o", "UserKnownHostsFile=none.txt", "box"]);
}

#[test]
fn examinations() {
    is_shown("doctor-healthy", &Account::with_login(&login("ann", 9)), &["doctor", "box"]);
    let ill =
        Account::with_login(&login("bob", 9)).file("config.toml", "forced_login_method = \"api\"", 0o666);
    // Whether this machine has npm must not matter.
    let ill = ill.program("npm", "#!/bin/sh\n");
    ill.mode("auth.json", 0o644);
    fs::remove_file(ill.path("bin/codex")).unwrap();
    is_shown("doctor-problems", &ill, &["doctor", "box"]);
    is_shown("doctor-unreachable", &ill, &["doctor", "dead"]);
    is_shown("doctor-several", &ill, &["doctor", "--jobs", "1", "box", "dead"]);
}

#[test]
fn wrong_calls() {
    let account = Account::new();
    is_shown("no-hosts", &account, &["deploy"]);
    is_shown("unknown-guard", &account, &["deploy", "--force=all", "box"]);
    is_shown("no-login", &account.local(None), &["deploy", "box"]);
}

/// Widths of common terminals, in columns.
const WIDTHS: [usize; 3] = [60, 80, 120];

/// Runs a call at each width. Each begins with an account of its own. Only commands and words without a blank may be longer
/// than the terminal is wide, and no word is broken.
fn is_shown_at_every_width(name: &str, call: &[&str], account: impl Fn() -> Account) {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let unbroken = account();
    let unbroken = words(&shown(&unbroken, &unbroken.run(call)));
    for width in WIDTHS {
        let account = account().columns(width);
        let ran = account.run(call);
        for line in ran.stdout.lines().chain(ran.stderr.lines()).filter(|line| line.chars().count() > width) {
            let is_command = line.starts_with(&" ".repeat(16)) || line.contains("on the host: ");
            assert!(is_command || words(line).len() == 1, "{width} columns: {line}");
        }
        let text = shown(&account, &ran);
        // A recap shortens its reasons.
        let shortened: Vec<String> = words(&text).into_iter().filter(|word| !word.contains('…')).collect();
        assert!(shortened.iter().all(|word| unbroken.contains(word)), "{width} columns: {text}");
        matches(&format!("{name}-{width}"), call, &text);
    }
}

#[test]
fn common_cases_at_the_widths_of_common_terminals() {
    let no_codex = || {
        let account = Account::new();
        fs::remove_file(account.path("bin/codex")).unwrap();
        account
    };
    let refused = || Account::new().codex("#!/bin/sh\necho 'ERROR: 401 Unauthorized' >&2\nexit 1\n");
    let with_backup = || {
        let account = Account::with_login(&login("ann", 9));
        account.json(&["deploy", "--backup"], 0);
        account
    };
    let exposed = || {
        let account = Account::with_login(&login("bob", 9));
        account.mode("auth.json", 0o644);
        account
    };
    is_shown_at_every_width("width-deploy", &["deploy", "box"], Account::new);
    is_shown_at_every_width("width-dry-run", &["deploy", "-n", "box"], Account::new);
    is_shown_at_every_width("width-no-codex", &["deploy", "box"], no_codex);
    is_shown_at_every_width("width-unauthorized", &["deploy", "box"], refused);
    is_shown_at_every_width("width-newer", &["deploy", "box"], || Account::with_login(&login("ann", 11)));
    is_shown_at_every_width("width-other-account", &["deploy", "box"], || {
        Account::with_login(&login("bob", 9))
    });
    is_shown_at_every_width("width-unreachable", &["deploy", "dead"], Account::new);
    is_shown_at_every_width("width-many", &["deploy", "--jobs", "1", "box", "dead"], Account::new);
    is_shown_at_every_width("width-doctor", &["doctor", "--jobs", "1", "box", "dead"], exposed);
    is_shown_at_every_width("width-rollback", &["rollback", "box"], with_backup);
}
