//! Every command that a message advises is run as it is printed, and leads on: never to a wrong call or the same error.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::account::{Account, CODEX, Ran, login, set_mode};

/// Runs a call that fails, and returns its error and the lines for a person.
fn failure(account: &Account, call: &[&str], code: &str) -> (Value, Ran) {
    let host = account.json(call, 1);
    assert_eq!(host["error"]["code"], code, "{host}");
    (host["error"].clone(), account.run(&[call, &["box"]].concat()))
}

/// Makes an account in which a call fails, follows each hint with a command on an account of its own, and returns how
/// many there were.
fn follow(make: &dyn Fn() -> Account, call: &[&str], code: &str) -> usize {
    let account = make();
    let (error, ran) = failure(&account, call, code);
    let hints = error["hints"].as_array().unwrap();
    let lines: Vec<&str> = ran.stdout.lines().map(str::trim).collect();
    let mut followed = 0;
    for (index, hint) in hints.iter().enumerate() {
        let text = hint["text"].as_str().unwrap();
        assert!(lines.iter().any(|line| line.starts_with(&format!("hint: {text}"))), "{hint}: {ran:?}");
        let Some(command) = hint["command"].as_str() else { continue };
        assert!(lines.iter().any(|line| line.trim_start_matches("hint: ") == command), "{hint}: {ran:?}");
        // The paths of each account differ.
        let fresh = make();
        let again = fresh.json_of_any(call);
        assert_eq!(again["error"]["code"], code, "{again}");
        let command = again["error"]["hints"][index]["command"].as_str().unwrap();
        followed += 1;
        if hint["where"] == "host" {
            let pasted = fresh.shell(command, true);
            assert_eq!(pasted.status, 0, "{command}: {pasted:?}");
            let is_to_look = command.starts_with("ssh-keygen -lf");
            assert!(
                is_to_look || fresh.json_of_any(call)["error"]["code"] != code,
                "{command} changes nothing"
            );
        } else {
            let pasted = fresh.shell(&format!("{command} --format json"), false);
            if command.contains(" explain ") {
                assert_eq!(pasted.status, 0, "{command}: {pasted:?}");
                continue;
            }
            assert_ne!(pasted.status, 2, "{command}: {pasted:?}");
            assert_ne!(pasted.code(), code, "{command} leads to the same error");
        }
    }
    followed
}

#[test]
fn a_refusal_leads_to_commands_that_work() {
    let config = |text: &'static str, mode| move || Account::with_home().file("config.toml", text, mode);
    let unknown = || {
        let mut unknown = login("ann", 9);
        unknown["auth_mode"] = "of-next-year".into();
        Account::with_login(&unknown)
    };
    let link = || {
        let account = Account::with_home().file("elsewhere", "{}", 0o600);
        symlink(account.home("elsewhere"), account.home("auth.json")).unwrap();
        account
    };
    let directory = || {
        let account = Account::with_home();
        fs::create_dir(account.home("auth.json")).unwrap();
        account
    };
    let home_is_a_file = || {
        let account = Account::new();
        fs::write(account.path("home"), "").unwrap();
        account
    };
    let open_folder = || {
        let account = Account::with_home();
        set_mode(&account.path(""), 0o777);
        account
    };
    let cases: [(&dyn Fn() -> Account, &str); 10] = [
        (&|| Account::with_login(&login("bob", 9)), "another-account"),
        (&unknown, "unknown-login"),
        (&link, "auth-is-a-link"),
        (&directory, "auth-not-a-file-there"),
        (&home_is_a_file, "home-not-a-directory"),
        (&open_folder, "folder-open-to-others"),
        (&config("x = 1\n", 0o666), "file-open-to-others"),
        (&config("cli_auth_credentials_store = \"keyring\"", 0o600), "store-is-not-the-file"),
        (&config("forced_login_method = \"api\"", 0o600), "login-form-is-forced"),
        (&config("not toml", 0o600), "unknown-settings"),
    ];
    for (make, code) in cases {
        assert!(follow(make, &["deploy"], code) > 0, "{code}");
    }
    // Options that the call has already are not repeated, and a dry run leads to the deploy itself.
    let another = || Account::with_login(&login("bob", 9));
    for call in [&["deploy", "--backup", "--timeout", "60"][..], &["deploy", "--dry-run"]] {
        assert!(follow(&another, call, "another-account") > 0);
    }
}

#[test]
fn a_key_that_is_not_known_is_accepted_by_the_command() {
    let call = ["deploy", "-o", "UserKnownHostsFile=none.txt"];
    // This machine's own key is not that of the test's server.
    let (error, _) = failure(&Account::new(), &call, "ssh-host-key-unknown");
    let hints = error["hints"].as_array().unwrap();
    let command =
        hints.iter().filter(|hint| hint["where"] == "here").find_map(|hint| hint["command"].as_str());
    let command = command.unwrap();
    assert!(command.ends_with(" box") && command.contains("accept-new"), "{command}");
    for call in [&call[..], &[&call[..], &["-o", "StrictHostKeyChecking=yes"]].concat()] {
        let account = Account::new();
        let (error, _) = failure(&account, call, "ssh-host-key-unknown");
        let mut accept =
            error["hints"].as_array().unwrap().iter().filter_map(|hint| hint["command"].as_str());
        let accept = accept.rfind(|command| command.contains("accept-new")).unwrap().to_owned();
        assert_eq!(account.shell(&accept, false).status, 0, "{accept}");
        account.has_ours();
    }
}

#[test]
fn a_login_and_a_rollback_that_are_refused_lead_to_commands_of_their_own() {
    // Another command's guards are not advised.
    let home = || Account::with_home().file("config.toml", "x = 1\n", 0o666);
    for verb in ["login", "rollback"] {
        let host = home().json_of_any(&[verb]);
        let error = &host["error"];
        assert!(!error.is_null(), "{host}");
        for hint in error["hints"].as_array().unwrap() {
            let command = hint["command"].as_str().unwrap_or_default();
            assert!(!command.contains("--force") && !command.contains(" deploy "), "{verb}: {hint}");
        }
    }
    let there = || {
        let codex =
            CODEX.replace("[ \"$1\" = exec ] ||", "[ \"$1\" = login ] && exit 3\n[ \"$1\" = exec ] ||");
        Account::with_login(&login("bob", 9)).codex(&codex)
    };
    assert_eq!(follow(&there, &["login"], "login-there"), 1);
    assert_eq!(follow(&Account::new, &["rollback"], "no-backup"), 1);
}

#[test]
fn the_commands_have_the_callers_options_quoted() {
    let account = Account::with_login(&login("bob", 9));
    let key = account.path("a key with blanks").display().to_string();
    let user = crate::outputs::user_name();
    let user = String::from_utf8(user).unwrap();
    let call = ["deploy", "-i", &key, "-o", "ConnectTimeout=7", "-l", user.trim()];
    let host = account.json(&call, 1);
    let commands: Vec<&str> = host["error"]["hints"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|hint| hint["command"].as_str())
        .collect();
    let config = account.path("ssh_config").display().to_string();
    let words = [
        &*format!("-F {config} "),
        &format!("-l {} ", user.trim()),
        &format!("-i '{key}' "),
        "-o ConnectTimeout=7 ",
        " box",
    ];
    assert!(!commands.is_empty());
    for command in commands {
        assert!(command.starts_with("codex-remote-auth "), "{command}");
        words.iter().for_each(|word| assert!(command.contains(word), "{command}: {word}"));
    }
    assert!(Path::new(&config).exists());
}

#[test]
fn a_misspelt_host_leads_to_the_one_that_was_meant() {
    let account = Account::new();
    let ran = account.run(&["deploy", "boxx"]);
    let meant = account.run(&["deploy", "--format", "json", "boxx"]);
    let hints = &serde_json::from_str::<Value>(&meant.stdout).unwrap()["hosts"][0]["error"]["hints"];
    assert_eq!(hints[0]["text"], "did you mean", "{ran:?}");
    let command = hints[0]["command"].as_str().unwrap();
    assert!(command.ends_with(" box") && ran.stdout.contains(command), "{command}: {ran:?}");
    assert_eq!(account.shell(command, false).status, 0);
    account.has_ours();
    // Without a similar known host, there is no suggestion.
    let other = account.run(&["deploy", "nowhere.invalid"]);
    assert!(
        !other.stdout.contains("did you mean") && other.stdout.contains("check the spelling"),
        "{other:?}"
    );
}
