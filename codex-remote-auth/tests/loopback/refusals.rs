//! What a command refuses to change, and why.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::account::{Account, in_full, login, notices, set_mode};

#[test]
fn a_newer_login_of_the_same_owner_is_kept() {
    let account = Account::with_login(&login("ann", 11));
    let said = account.refuses(&["deploy", "--strict"], "remote-is-fresher");
    let both = "a newer login of a…@example.invalid (host: renewed 2026-01-11 10:00 UTC; yours: 2026-01-10 10:00 UTC; the host's is 1 day newer)";
    assert!(said.contains(both), "{said}");
    account.refuses(&["deploy", "--strict", "--force=another-login"], "remote-is-fresher");
    let before = account.tree();
    assert_eq!(account.deploys(&[])["result"], "newer-there");
    assert_eq!(account.tree(), before);
    account.deploys(&["--force"]);
    account.has_ours();
}

#[test]
fn the_login_of_another_is_kept_whatever_its_date() {
    let same_account = |person: &str| {
        let mut other = login(person, 9);
        other["tokens"]["account_id"] = login("ann", 1)["tokens"]["account_id"].clone();
        other
    };
    for other in [login("bob", 9), login("bob", 11), same_account("ann2")] {
        let account = Account::with_login(&other);
        let said = account.refuses(&["deploy"], "another-account");
        assert!(
            said.contains("yours: a…@example.invalid, chatgpt:") && said.contains("; the host's is 1 day "),
            "{said}"
        );
        assert!(!said.contains("ann@") && !said.contains("bob"), "{said}");
        account.refuses(&["deploy", "--force=newer-login"], "another-account");
        account.deploys(&["--force=another-login"]);
        account.has_ours();
    }
}

#[test]
fn an_api_key_and_a_chatgpt_login_are_not_taken_for_each_other() {
    let key = |key: &str| json!({ "auth_mode": "apikey", "OPENAI_API_KEY": key });
    let account = Account::with_login(&key("made-up-one"));
    account.refuses(&["deploy"], "another-account");
    let account = Account::with_login(&key("made-up-one"));
    let ran = account.run_with_input(&["deploy", "--api-key", "--no-proof", "box"], b"made-up-one\n");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(!format!("{ran:?}").contains("made-up-one"));
    let ran = account.run_with_input(&["deploy", "--api-key", "--no-proof", "box"], b"made-up-two\n");
    assert!(ran.status == 1 && ran.stdout.contains("has a login of another account"), "{ran:?}");
}

#[test]
fn a_login_that_cannot_be_judged_is_kept() {
    let mut unknown = login("ann", 9);
    unknown["auth_mode"] = "of-next-year".into();
    let account = Account::with_login(&unknown);
    account.refuses(&["deploy"], "unknown-login");
    account.refuses(&["deploy", "--force"], "unknown-login");
    account.deploys(&["--force=unknown-login"]);
    account.has_ours();
    let large = Account::with_home().file("auth.json", vec![b' '; 1024 * 1024 + 1], 0o600);
    large.refuses(&["deploy"], "unknown-login");
}

#[test]
fn the_configuration_on_the_host_is_obeyed() {
    for (line, code) in [
        ("cli_auth_credentials_store = \"keyring\"", "store-is-not-the-file"),
        ("cli_auth_credentials_store = \"ephemeral\"", "store-is-not-the-file"),
        ("forced_login_method = \"api\"", "login-form-is-forced"),
        ("forced_chatgpt_workspace_id = \"another\"", "workspace-is-forced"),
        ("model_provider = \"ollama\"", "provider-ignores-login"),
    ] {
        let account = Account::with_home().file("config.toml", line, 0o600);
        let said = account.refuses(&["deploy"], code);
        assert!(said.contains("config.toml:1 on the host"), "{said}");
        assert_eq!(said.contains("delete this login"), line.starts_with("forced_"), "{said}");
        account.json(&["deploy", "--force", "--no-proof"], 0);
    }
    for text in ["no toml [", "cli_auth_credentials_store = 7"] {
        let account = Account::with_home().file("config.toml", text, 0o600);
        account.refuses(&["deploy"], "unknown-settings");
        account.refuses(&["deploy", "--force"], "unknown-settings");
        account.json(&["deploy", "--force=unknown-settings", "--no-proof"], 0);
    }
    let auto = Account::with_home().file("config.toml", "cli_auth_credentials_store = \"auto\"", 0o600);
    let host = auto.json(&["deploy", "--no-proof"], 0);
    assert!(notices(&host).contains("\\\"auto\\\" on the host"), "{host}");
    let nobody = Account::with_home().file("config.toml", "model_provider = \"nobody\"", 0o600);
    let host = nobody.json(&["deploy", "--force=unknown-settings", "--no-proof"], 0);
    assert!(notices(&host).contains("model_provider") && !notices(&host).contains("auto"), "{host}");
}

#[test]
fn files_that_others_can_write_decide_nothing() {
    for name in ["config.toml", ".env"] {
        let account = Account::with_home().file(name, "", 0o666);
        let said = account.refuses(&["deploy"], "file-open-to-others");
        assert!(said.contains(name), "{said}");
        account.json(&["deploy", "--force", "--no-proof"], 0);
    }
    let linked = Account::with_home();
    fs::write(linked.path("shared.toml"), "").unwrap();
    set_mode(&linked.path("shared.toml"), 0o666);
    symlink(linked.path("shared.toml"), linked.home("config.toml")).unwrap();
    linked.refuses(&["deploy"], "file-open-to-others");
}

#[test]
fn folders_above_that_others_can_write_are_refused() {
    let account = Account::with_home();
    let above = account.path("");
    let mode = |mode: u32| set_mode(&above, mode);
    mode(0o777);
    account.refuses(&["deploy"], "folder-open-to-others");
    account.refuses(&["deploy", "--force"], "folder-open-to-others");
    account.json(&["deploy", "--force=open-folder", "--no-proof"], 0);
    mode(0o1777);
    account.deploys(&[]);
    mode(0o700);
}

#[test]
fn a_home_that_cannot_be_one_is_refused() {
    let file = Account::new();
    fs::write(file.path("home"), "").unwrap();
    file.refuses(&["deploy"], "home-not-a-directory");
    let link = Account::new();
    symlink("nowhere", link.path("home")).unwrap();
    link.refuses(&["deploy"], "home-not-a-directory");
    Account::new().set("CODEX_HOME", "~/.codex").refuses(&["deploy"], "tilde-in-codex-home");
    Account::new().set("HOME", "/nonexistent").refuses(&["deploy"], "no-home");
    let other = Account::new();
    let folder = other.path("").display().to_string();
    let other = other.set("HOME", &folder);
    other.refuses(&["deploy"], "other-home");
    other.refuses(&["deploy", "--force"], "other-home");
    other.json(&["deploy", "--force=other-home"], 0);
    let directory = Account::with_home();
    fs::create_dir(directory.home("auth.json")).unwrap();
    directory.refuses(&["deploy"], "auth-not-a-file-there");
    let pipe = Account::with_home();
    assert!(std::process::Command::new("mkfifo").arg(pipe.home("auth.json")).status().unwrap().success());
    // Its tree is not compared, because reading a pipe waits for a writer.
    assert_eq!(pipe.json(&["deploy"], 1)["error"]["code"], "auth-not-a-file-there");
}

/// The tools that the script needs, without some of them.
fn with_tools_but(leave_out: &[&str]) -> Account {
    let account = Account::new();
    let all = [
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
        "sleep",
        "sha256sum",
        "sed",
    ];
    for tool in all.iter().filter(|tool| !leave_out.contains(tool)) {
        let from = ["/usr/bin", "/bin"].map(|folder| format!("{folder}/{tool}"));
        let from = from.iter().find(|path| fs::metadata(path).is_ok()).unwrap_or_else(|| panic!("no {tool}"));
        symlink(from, account.path("bin").join(tool)).unwrap();
    }
    let path = account.path("bin").display().to_string();
    account.set("PATH", &path)
}

#[test]
fn missing_tools_are_named_before_anything_is_sent() {
    with_tools_but(&["stat"]).deploys(&[]);
    let said = with_tools_but(&["wc", "mv"]).refuses(&["deploy"], "missing-tool");
    assert!(said.contains("lacks wc, mv\n"), "{said}");
    with_tools_but(&["sha256sum"]).refuses(&["deploy"], "no-digest-tool");
    for other in [with_tools_but(&["head"]), Account::new().program("head", "#!/bin/sh\necho 200 OK\n")] {
        let said = other.refuses(&["deploy"], "missing-tool");
        assert!(said.contains("lacks head (with -c)\n"), "{said}");
    }
    let rollback = with_tools_but(&["sha256sum"]);
    fs::create_dir(rollback.home("")).unwrap();
    rollback.file("auth.json.before", "{}", 0o600).refuses(&["rollback"], "no-digest-tool");
}

#[test]
fn what_cannot_be_read_says_why() {
    let large = Account::with_home().file("auth.json", " ".repeat(2 << 20), 0o600);
    let said = large.refuses(&["deploy"], "unknown-login");
    assert!(said.contains("larger than any login") && !said.contains("chmod"), "{said}");
    let folder = Account::with_home();
    fs::create_dir(folder.home("config.toml")).unwrap();
    let said = folder.refuses(&["deploy"], "unknown-settings");
    assert!(said.contains("it is not a file"), "{said}");
}

#[test]
fn a_program_beside_the_script_is_given_nothing() {
    for reader in [
        "cat <&0 >>{} &",
        "(while read -r line; do echo $line >>{}; done) <&0 &",
        "exec 5<&0; cat <&5 >>{} &",
    ] {
        let account = Account::with_login(&login("ann", 9));
        let taken = account.path("taken");
        let start = reader.replace("{}", &taken.display().to_string());
        let account = account.server(&format!("ForceCommand {start} eval \"$SSH_ORIGINAL_COMMAND\""));
        let said = account.refuses(&["deploy"], "input-is-read");
        assert!(said.contains("so the login: process ") && said.contains("COMMAND </dev/null &"), "{said}");
        let taken = fs::read_to_string(&taken).unwrap_or_default();
        assert!(!taken.contains("refresh_token"), "the login was taken");
        let doctor = account.run(&["doctor", "box"]);
        assert!(
            doctor.status == 1 && doctor.stdout.contains("can read the input of this session"),
            "{doctor:?}"
        );
    }
    // One that has another input takes nothing.
    Account::new().server("ForceCommand sleep 3 </dev/null & eval \"$SSH_ORIGINAL_COMMAND\"").deploys(&[]);
}

#[test]
fn another_program_in_place_of_the_script_is_given_nothing() {
    for (command, words) in [
        (
            "echo This account is not available.; exit 1",
            "ended with exit status 1, and printed `This account",
        ),
        ("read line; echo $line; exit 3", "waited for input"),
        ("kill -9 $$", "signal KILL"),
    ] {
        let account = Account::new().server(&format!("ForceCommand {command}"));
        let said = account.refuses(&["deploy", "--timeout", "4"], "no-reply");
        assert!(said.contains(words), "{said}");
        account.refuses(&["rollback", "--timeout", "4"], "no-reply");
    }
    let silent = Account::new().server("ForceCommand sleep 60");
    let said = silent.refuses(&["deploy", "--timeout", "2"], "no-reply");
    assert!(said.contains("did not start within 1."), "{said}");
}

#[test]
fn the_script_says_why_it_stops() {
    // Tools on the account's PATH that fail, or that change the login in transit.
    let broken = |tool: &str, script: &str| {
        Account::with_login(&login("ann", 9)).program(tool, &format!("#!/bin/sh\n{script}\n"))
    };
    let mv = broken("mv", "echo immovable >&2; exit 1").refuses(&["deploy"], "cannot-replace");
    assert!(mv.contains("immovable"), "{mv}");
    let sync = broken("sync", "echo no space >&2; exit 1").refuses(&["deploy"], "cannot-write");
    assert!(sync.contains("no space"), "{sync}");
    broken("head", "exec /usr/bin/head -c 5").refuses(&["deploy", "--force"], "changed-meanwhile");
    let cut = |account: Account| account.json(&["deploy"], 1)["error"].clone();
    let new = |script: &str| {
        let account = broken("head", script);
        fs::remove_file(account.home("auth.json")).unwrap();
        account
    };
    let short = cut(new("exec /usr/bin/head -c 5"));
    assert_eq!(short["code"], "damaged", "{short}");
    assert!(short["message"].as_str().unwrap().contains("the host got 5 bytes"), "{short}");
    let changed = cut(new("/usr/bin/head \"$@\" | tr a b"));
    assert_eq!(changed["code"], "damaged", "{changed}");
    broken("cat", "exec head -c 5 \"$1\"").refuses(&["deploy", "--backup"], "cannot-back-up");
    // Codex logs in between the look and the order.
    let renewed = Account::new()
        .program("mkdir", "#!/bin/sh\n/usr/bin/mkdir \"$@\"; printf x >\"$CODEX_HOME/auth.json\"\n");
    let host = renewed.json(&["deploy"], 1);
    assert_eq!(host["error"]["code"], "changed-meanwhile", "{host}");
    // Somebody opens the Codex home between the look and the order.
    let opened = broken("mkdir", "/usr/bin/mkdir \"$@\"; /usr/bin/chmod 777 \"$CODEX_HOME\"");
    fs::remove_dir_all(opened.home("")).unwrap();
    let host = opened.json(&["deploy"], 1);
    assert_eq!(host["error"]["code"], "home-open-to-others", "{host}");
    let said = in_full(&host["error"]);
    assert!(said.contains("changed in the meantime") && !said.contains("nothing was sent"), "{said}");
    assert!(opened.tree().is_empty(), "{:?}", opened.tree());
    let directory = Account::with_login(&login("ann", 9));
    fs::create_dir(directory.home("auth.json.before")).unwrap();
    directory.refuses(&["deploy", "--backup"], "cannot-back-up");
    // The complete script is killed: the tool, the shell that waits for its output, the order's shell, the script.
    let killed = broken(
        "sync",
        "above() { cut -d' ' -f4 \"/proc/$1/stat\"; }\norder=$(above $PPID)\nkill -9 $(above $order) $order $PPID\nsleep 1",
    );
    let host = killed.json(&["deploy"], 1);
    assert_eq!(host["error"]["code"], "ended-early", "{host}");
    assert_eq!(in_full(&host["error"]).matches("either the old file or the new one").count(), 1);
    let unwritable = Account::new().set("CODEX_HOME", "/proc/none/home");
    let host = unwritable.json(&["deploy"], 1);
    assert_eq!(host["error"]["code"], "cannot-make-directory", "{host}");
}

/// These shells read quotation marks in their own way, so a part of our script could run with another meaning. sshd passes the
/// command to each as it does to a login shell.
#[test]
fn a_shell_that_would_change_the_script_runs_none_of_it_and_is_named() {
    for shell in ["elvish", "xonsh"] {
        let path = ["/usr/bin", "/usr/local/bin"].map(|folder| format!("{folder}/{shell}"));
        let Some(path) = path.iter().find(|path| std::path::Path::new(path).exists()) else {
            assert!(std::env::var_os("CI").is_none(), "install {shell}");
            eprintln!("not shown: {shell} is not on this machine");
            continue;
        };
        let account = Account::with_home()
            .server(&format!("ForceCommand {path} -c \"$SSH_ORIGINAL_COMMAND\""))
            .set("SHELL", path);
        let said = account.refuses(&["deploy"], "no-reply");
        for words in [
            &*format!("the account's shell {path} did not run our script: "),
            "nothing was sent",
            "chsh -s /bin/sh",
        ] {
            assert!(said.contains(words), "{shell}: {said}");
        }
    }
}
