//! Every command that `doctor` prints works when it is pasted.

use std::fs;

use serde_json::{Value, json};

use crate::account::{Account, CODEX, login, token};

/// A codex that logs in by a device code, besides what the usual one does.
const CODEX_THAT_LOGS_IN: &str = r#"#!/bin/sh
case "$1 $2" in
  "login --help") echo "  --device-auth"; exit ;;
  "login --device-auth")
    printf 'Open\n   https://auth.openai.com/codex/device\nand enter\n   ABCD-EF0HJ\n'
    sleep 1
    printf '%s' '{"OPENAI_API_KEY":"sk-made-up"}' >"$CODEX_HOME/auth.json"
    exit ;;
esac
"#;

fn codex_that_logs_in() -> String {
    format!("{CODEX_THAT_LOGS_IN}{}", CODEX.strip_prefix("#!/bin/sh\n").unwrap())
}

/// The problems and notes, without what no command can change.
pub(crate) fn findings(account: &Account) -> Vec<Value> {
    let ran = account.run(&["doctor", "box", "--format", "json"]);
    let all: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let findings = all["hosts"][0]["findings"].as_array().unwrap_or_else(|| panic!("{all}")).clone();
    let is_open = |finding: &Value| finding["level"] != "ok" && finding["subject"] != "git check";
    findings.into_iter().filter(is_open).collect()
}

fn commands(finding: &Value) -> Vec<(String, String)> {
    let text = |step: &Value, key: &str| step[key].as_str().map(str::to_owned);
    let steps = finding["next"].as_array().cloned().unwrap_or_default();
    steps.iter().filter_map(|step| Some((text(step, "where")?, text(step, "command")?))).collect()
}

/// Runs every command that is printed for a finding, as a person pastes it, until nothing is left to do.
#[track_caller]
fn commands_repair(account: &Account, subject: &str, part: &str) {
    let is_it =
        |finding: &&Value| finding["subject"] == subject && finding["what"].as_str().unwrap().contains(part);
    let all = findings(account);
    let finding =
        all.iter().find(is_it).unwrap_or_else(|| panic!("nothing on {subject} with {part}: {all:#?}"));
    let commands = commands(finding);
    assert!(!commands.is_empty(), "{finding:#}");
    for (place, command) in &commands {
        let (status, output) = account.pastes(command, place == "here");
        assert_eq!(status, 0, "{place}: {command}: {output}");
    }
    let left = findings(account);
    assert!(!left.iter().any(|finding| is_it(&finding)), "{commands:?} did not help: {left:#?}");
}

#[test]
fn every_command_works_when_it_is_pasted() {
    let with = || Account::with_login(&login("ann", 9));
    let case = |account: Account, subject: &str, part: &str| commands_repair(&account, subject, part);

    case(Account::new(), "codex home", "does not exist yet");
    case(Account::with_home(), "login", "there is no ");
    case(Account::with_home().file("auth.json", "", 0o600), "login", "is empty");
    case(Account::with_home().file("auth.json", "{\"tokens\"", 0o600), "login", "cut short");
    case(with(), "compared", "older than yours");
    case(
        Account::with_home().file(".auth.json", login("ann", 9).to_string(), 0o600),
        "login",
        "codex does not read",
    );
    case(with().file("config.toml", "", 0o666), "configuration", "others can change ");
    let open = with();
    open.mode("auth.json", 0o644);
    case(open, "login", "others can read");
    let read_only = with();
    read_only.mode("auth.json", 0o400);
    case(read_only, "login", "is not writable");
    let open = with();
    open.mode("", 0o777);
    case(open, "codex home", "others can write");
    let link = with();
    fs::rename(link.home("auth.json"), link.home("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", link.home("auth.json")).unwrap();
    case(link, "login", "is a symbolic link");
    let broken_link = Account::with_home();
    std::os::unix::fs::symlink("nowhere", broken_link.home("auth.json")).unwrap();
    case(broken_link, "login", "does not exist");
    let folder = Account::with_home();
    fs::create_dir(folder.home("auth.json")).unwrap();
    case(folder, "login", "is not a file");
    let rest = with();
    fs::create_dir(rest.home(".auth.json.cra-0")).unwrap();
    case(rest, "login", "temporary copies");
    let file = Account::new();
    fs::write(file.path("home"), "").unwrap();
    case(file, "codex home", "not a directory");
}

/// The host has the same login as this machine, and so needs one of its own. The command reaches the host as this call
/// did.
#[test]
fn a_copy_is_replaced_by_a_login_of_the_hosts_own() {
    let same = login("ann", 9);
    let account = Account::with_login(&same).codex(&codex_that_logs_in()).local(Some(same.clone()));
    let config = account.path("ssh_config").display().to_string();
    let all = findings(&account);
    let copy = all.iter().find(|finding| finding["subject"] == "compared").unwrap();
    let expected = [("here".to_owned(), format!("codex-remote-auth login --force -F {config} box"))];
    assert_eq!(commands(copy), expected, "{copy:#}");
    commands_repair(&account, "compared", "same login as yours");
    assert_eq!(account.there(), Some(json!({ "OPENAI_API_KEY": "sk-made-up" })));

    // It is not suggested if it would be refused.
    for setting in ["cli_auth_credentials_store = \"keyring\"", "forced_login_method = \"api\"", "no toml"] {
        let account =
            Account::with_login(&same).file("config.toml", setting, 0o600).local(Some(same.clone()));
        let all = findings(&account);
        let copy = all.iter().find(|finding| finding["subject"] == "compared").unwrap();
        assert!(commands(copy).is_empty(), "{setting}: {copy:#}");
    }
}

#[test]
fn a_dead_login_is_replaced_by_one_of_the_hosts_own() {
    let mut dead = login("ann", 9);
    dead["tokens"]["access_token"] = token(&json!({ "exp": 1_700_000_000 })).into();
    dead["tokens"]["refresh_token"] = "".into();
    let account = Account::with_login(&dead).codex(&codex_that_logs_in());
    commands_repair(&account, "login", "nothing renews it");
}

#[test]
fn npm_is_advised_only_if_the_host_has_it() {
    for (npm, says) in [(true, "npm install -g @openai/codex"), (false, "install codex on the host")] {
        let account = Account::new();
        fs::remove_file(account.path("bin/codex")).unwrap();
        let only = account.path("bin").display().to_string();
        let mut account = account.set("PATH", &only);
        // Only the tools that the script needs, so that this machine's npm is not found.
        for tool in TOOLS {
            account = account.link(tool);
        }
        if npm {
            account = account.program("npm", "#!/bin/sh\n");
        }
        let all = findings(&account);
        let codex = all.iter().find(|finding| finding["subject"] == "codex").unwrap();
        assert!(codex["next"].to_string().contains(says), "{npm}: {codex:#}");
    }
}

/// The tools that the script calls.
const TOOLS: [&str; 19] = [
    "sh",
    "head",
    "wc",
    "id",
    "ls",
    "mkdir",
    "chmod",
    "mv",
    "rm",
    "cat",
    "sync",
    "stat",
    "sha256sum",
    "date",
    "df",
    "sed",
    "tr",
    "mktemp",
    "sleep",
];
