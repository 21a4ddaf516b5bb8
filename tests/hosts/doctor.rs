//! `doctor`: what it finds on real accounts, and that it changes nothing there.

use std::time::{Duration, SystemTime};

use serde_json::Value;
use tests::Rig;
use tests::home::of_first_host;
use tests::person::Person;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        an_account_without_a_login,
        a_good_account_after_a_deploy,
        what_a_lesson_knows_is_found,
        the_login_there_is_held_against_ours,
        a_login_that_has_expired,
        a_broken_login,
        codex_on_no_path,
        a_home_that_cannot_be_used,
        no_deploy_is_advised_that_would_be_refused,
        a_configuration_that_gets_in_the_way,
        noise_is_counted_and_heard_through,
        a_clock_that_is_wrong,
        codexs_own_doctor_is_heard,
        a_live_call_proves_it,
        a_host_that_is_not_reached,
        an_account_that_may_not_run_commands,
        several_hosts_at_once,
    ]
}

/// Everything in the home, with modes, times and content, except what the stub records about its calls. Files of other accounts
/// in /tmp may disappear during the look.
fn home(person: &Person<'_>) -> String {
    let (home, uid) = (&person.account().home, person.account().uid);
    person.rig.root(&format!(
        "cd {home}; find . -path ./.codex-stub -prune -o -mindepth 1 -printf '%P %y %m %U %i %T@ %l\\n' | sort\n\
         find . -path ./.codex-stub -prune -o -type f -exec sha256sum {{}} + | sort; find /tmp -uid {uid} 2>/dev/null || :"
    ))
}

/// The report on the first account, after checking that nothing was changed there. The commands in it are without the option for
/// this home's SSH configuration.
pub(crate) fn finds(person: &Person<'_>, more: &[&str], expected: i32) -> Value {
    let before = home(person);
    let (status, stdout, stderr) = person.says(&[&["doctor", "--format", "json", "box0"], more].concat());
    assert_eq!(status, expected, "{stdout}{stderr}");
    if more.is_empty() {
        assert_eq!(home(person), before, "something was changed there");
    }
    of_first_host(&without_configuration(person, &stdout))
}

/// A text without the option for this home's SSH configuration, which every command of a hint has.
fn without_configuration(person: &Person<'_>, text: &str) -> String {
    text.replace(&format!(" -F {}", person.path("config").display()), "")
}

/// Checks that there is a finding about a subject, at this level, with this text.
pub(crate) fn has<'v>(host: &'v Value, subject: &str, level: &str, part: &str) -> &'v Value {
    let findings = host["findings"].as_array().unwrap_or_else(|| panic!("{host}"));
    let fits = |finding: &&Value| {
        finding["subject"] == subject
            && finding["level"] == level
            && finding["what"].as_str().unwrap().contains(part)
    };
    findings
        .iter()
        .find(fits)
        .unwrap_or_else(|| panic!("no {level} finding on {subject} with `{part}`: {host:#}"))
}

/// As [`has`], with this lesson and this command to type.
pub(crate) fn teaches(host: &Value, (subject, level, part): (&str, &str, &str), lesson: &str, next: &str) {
    let finding = has(host, subject, level, part);
    assert_eq!(finding["lesson"], lesson, "{finding}");
    assert!(finding["next"].to_string().contains(&next.replace('"', "\\\"")), "{finding}");
}

fn an_account_without_a_login(rig: &Rig) {
    let person = rig.person(1);
    let host = finds(&person, &[], 1);
    assert_eq!(host["result"], "problem");
    has(&host, "connection", "ok", "host key known, authenticated");
    has(&host, "shell", "ok", "/bin/bash");
    has(&host, "codex", "ok", "release 0.");
    has(&host, "path", "ok", "plain command yes");
    has(&host, "clock", "ok", "in sync");
    has(&host, "disk", "ok", "MiB left");
    teaches(&host, ("codex home", "note", "does not exist yet"), "deploy-makes-directory", "deploy box0");
    teaches(
        &host,
        ("login", "problem", "there is no "),
        "no-login-in-this-account",
        "codex-remote-auth deploy box0",
    );
    teaches(&host, ("git check", "note", "not a git repository"), "git-check", "--skip-git-repo-check");
}

fn a_good_account_after_a_deploy(rig: &Rig) {
    let person = rig.person(1);
    person.runs(&["deploy", "--no-proof", "box0"]).assert().success();
    let (status, stdout, _) = person.says(&["doctor", "box0"]);
    assert_eq!(status, 0, "{stdout}");
    assert!(stdout.starts_with("box0: no problems, "), "{stdout}");
    assert!(stdout.contains("a ChatGPT login") && stdout.contains("last renewed 60 min ago"), "{stdout}");
    assert!(stdout.contains("why: codex-remote-auth explain rotation-shared-login\n"), "{stdout}");
    let config = person.path("config").display().to_string();
    assert!(
        stdout.contains(&format!("run here: codex-remote-auth login --force -F {config} box0\n")),
        "{stdout}"
    );
    finds(&person, &[], 0);
}

fn what_a_lesson_knows_is_found(rig: &Rig) {
    let person = rig.person(1);
    person.runs(&["deploy", "--no-proof", "box0"]).assert().success();
    person.there("chmod 644 .codex/auth.json; chmod 777 .codex");
    let host = finds(&person, &[], 1);
    teaches(&host, ("login", "problem", "others can read"), "file-modes", "chmod 600 ");
    teaches(&host, ("codex home", "problem", "others can write"), "file-modes", "chmod go-w ");
    person.there("chmod 400 .codex/auth.json; chmod 700 .codex");
    teaches(&finds(&person, &[], 1), ("login", "problem", "is not writable"), "file-modes", "chmod 600 ");
    // The suggested command fixes it.
    let host = finds(&person, &[], 1);
    let command =
        has(&host, "login", "problem", "is not writable")["next"][0]["command"].as_str().unwrap().to_owned();
    person.there(&command);
    finds(&person, &[], 0);

    person.there("mv .codex/auth.json .codex/.auth.json");
    let host = finds(&person, &[], 1);
    teaches(&host, ("login", "problem", "a login that codex does not read"), "leading-dot", "mv ");
    let command =
        has(&host, "login", "problem", "does not read")["next"][0]["command"].as_str().unwrap().to_owned();
    person.there(&command);
    finds(&person, &[], 0);

    person.there("chown 0:0 .codex/auth.json; chmod 600 .codex/auth.json; rm -rf bin");
    let uid = rig.root("id -u").trim().to_owned();
    person.rig.root(&format!("chown 0:0 {}/.codex/auth.json", person.account().home));
    teaches(
        &finds(&person, &[], 1),
        ("login", "problem", &format!("of user {uid}")),
        "file-modes",
        "as an administrator of the host: chown ",
    );
    // A good login that only has the wrong mode is not to be replaced.
    person.there(&format!("chown {0} .codex/auth.json; chmod 000 .codex/auth.json", person.account().name));
    teaches(&finds(&person, &[], 1), ("login", "problem", "mode 0000"), "file-modes", "chmod 600 ");

    person.there("rm .codex/auth.json; ln -s ../elsewhere .codex/auth.json");
    teaches(&finds(&person, &[], 1), ("login", "problem", "which does not exist"), "symbolic-link", "deploy");
    person.there("rm .codex/auth.json; mkdir .codex/auth.json");
    has(&finds(&person, &[], 1), "login", "problem", "is not a file");
}

fn the_login_there_is_held_against_ours(rig: &Rig) {
    let person = rig.person(1);
    let beside = |level, part: &str, lesson: &str, next: &str| {
        teaches(&finds(&person, &[], 0), ("compared", level, part), lesson, next);
    };
    person.runs(&["deploy", "--no-proof", "box0"]).assert().success();
    beside("note", "same login as yours", "rotation-shared-login", "login --force box0");
    person.renews(Duration::from_secs(86_400));
    beside("note", "newer than yours", "fresher-remote", "");
    person.renews(Duration::from_secs(60));
    beside("note", "older than yours", "rotation-stale-copy-back", "deploy box0");
    person.write(".codex/auth.json", b"{\"OPENAI_API_KEY\": \"sk-made-up\"}");
    has(&finds(&person, &[], 0), "compared", "note", "a different account than yours");
    std::fs::remove_file(person.path(".codex/auth.json")).unwrap();
    let host = finds(&person, &[], 0);
    assert!(!host.to_string().contains("compared"), "{host}");
}

fn a_login_that_has_expired(rig: &Rig) {
    let person = rig.person(1);
    let text = String::from_utf8(
        rig.login_of(SystemTime::now() - Duration::from_secs(3_600), 1_700_000_000).bytes().expose().to_vec(),
    )
    .unwrap();
    person.account().put(".codex/auth.json", text.as_bytes());
    has(&finds(&person, &[], 0), "login", "note", "the next call renews it");
    let mut value: Value = serde_json::from_str(&text).unwrap();
    value["tokens"]["refresh_token"] = "".into();
    // Also if it is on one line.
    person.account().put(".codex/auth.json", value.to_string().as_bytes());
    teaches(
        &finds(&person, &[], 1),
        ("login", "problem", "nothing renews it"),
        "unauthorized-expired",
        "login --force box0",
    );
}

fn a_broken_login(rig: &Rig) {
    let person = rig.person(1);
    let whole = person.login.bytes().expose();
    person.account().put(".codex/auth.json", &whole[..whole.len() / 2]);
    teaches(
        &finds(&person, &[], 1),
        ("login", "problem", "cut short"),
        "unauthorized-cut-short",
        "deploy box0",
    );
    person.account().put(".codex/auth.json", b"");
    teaches(&finds(&person, &[], 1), ("login", "problem", "is empty"), "schema-empty", "deploy box0");
    person.account().put(".codex/auth.json", b"{\"tokens\": null}");
    has(&finds(&person, &[], 1), "login", "problem", "neither `tokens` nor `OPENAI_API_KEY`");
    person.account().put(".codex/auth.json", b"{\"OPENAI_API_KEY\": \"sk-made-up\"}\n");
    has(&finds(&person, &[], 0), "login", "ok", "an API key");
}

fn codex_on_no_path(rig: &Rig) {
    let person = rig.account().without_codex().person();
    let host = finds(&person, &[], 1);
    teaches(
        &host,
        ("codex", "problem", "codex was not found"),
        "trouble-command-not-found",
        "install codex on the host",
    );
    person.there("mkdir -p .volta/bin; ln -s /opt/codex-under-test/codex .volta/bin/codex");
    teaches(
        &finds(&person, &[], 1),
        ("path", "problem", "is not on the PATH of a command over SSH"),
        "path-bash",
        "export PATH=",
    );
    person.there("echo 'export PATH=$HOME/.volta/bin:$PATH' >.bash_profile");
    let host = finds(&person, &[], 1);
    has(&host, "path", "problem", "plain command no, login shell yes, terminal no");
    person.there("rm .bash_profile; printf 'case $- in *i*) ;; *) return ;; esac\\nexport PATH=$HOME/.volta/bin:$PATH\\n' >.bashrc",
    );
    let host = finds(&person, &[], 1);
    has(&host, "path", "problem", "plain command no, login shell no, terminal yes");
    person.there("rm .volta/bin/codex; echo no >.volta/bin/codex; mkdir bin; cp .volta/bin/codex bin/codex; echo 'PATH=$HOME/bin:$PATH' >.bashrc",
    );
    let finding = has(&finds(&person, &[], 1), "codex", "problem", "bin/codex is not executable").clone();
    assert_eq!(finding["next"][0]["command"], format!("chmod +x {}/bin/codex", person.account().home));
}

fn a_home_that_cannot_be_used(rig: &Rig) {
    let person = rig.person(1);
    person.account().put(".codex", b"mine");
    has(&finds(&person, &[], 1), "codex home", "problem", "is not a directory");
    let moved = rig.person(1);
    let home = &moved.accounts[0].home;
    moved.rig.root(&format!("echo 'export CODEX_HOME=else' >{home}/.bashrc"));
    has(
        &finds(&moved, &[], 1),
        "codex home",
        "problem",
        "CODEX_HOME is `else`, which is another folder wherever",
    );
    moved.rig.root(&format!("echo 'export CODEX_HOME=$HOME/else' >{home}/.bashrc"));
    teaches(
        &finds(&moved, &[], 1),
        ("codex home", "note", "CODEX_HOME"),
        "codex-home-missing",
        "deploy box0",
    );
    moved.account().put("else/auth.json", moved.login.bytes().expose());
    moved.account().put(".codex/auth.json", moved.login.bytes().expose());
    let host = finds(&moved, &[], 0);
    has(&host, "codex home", "ok", "~/.codex is not read");
    teaches(
        &host,
        ("login", "note", ".codex/auth.json is a login that codex does not read"),
        "codex-home-elsewhere",
        "remove it if nothing else uses it",
    );
    moved.rig.root(&format!("chmod 500 {home}/else"));
    has(&finds(&moved, &[], 1), "codex home", "problem", "is not writable");
}

/// The advice is never something that `deploy` refuses: not if HOME is elsewhere, and not if a setting deletes the login.
fn no_deploy_is_advised_that_would_be_refused(rig: &Rig) {
    let strange = rig.person(1);
    strange.there("echo 'export HOME=/srv' >.bashrc");
    let set = rig.person(1);
    set.account().put(".codex/config.toml", b"forced_login_method = \"api\"\n");
    for (person, subject) in [(&strange, "codex home"), (&set, "configuration")] {
        let host = finds(person, &[], 1);
        has(&host, subject, "problem", "");
        assert!(has(&host, "login", "problem", "there is no").get("next").is_none(), "{host:#}");
        let (status, stdout, stderr) = person.says(&["deploy", "box0", "--dry-run"]);
        assert_eq!(status, 1, "{stdout}{stderr}");
    }
}

fn a_configuration_that_gets_in_the_way(rig: &Rig) {
    let person = rig.person(1);
    person.account().put(".codex/auth.json", person.login.bytes().expose());
    let config = |text: &str| person.account().put(".codex/config.toml", text.as_bytes());
    config("cli_auth_credentials_store = \"keyring\"\n");
    teaches(&finds(&person, &[], 1), ("configuration", "problem", "keyring"), "keyring-store", "\"file\"");
    config("forced_login_method = \"api\"\n");
    teaches(
        &finds(&person, &[], 1),
        ("configuration", "problem", "codex deletes this login"),
        "forced-login-method",
        "config.toml",
    );
    config("forced_login_method = \"chatgpt\"\n[profiles.work]\nmodel = \"x\"\n");
    let host = finds(&person, &[], 0);
    has(&host, "configuration", "note", "forced_login_method is \"chatgpt\"");
    teaches(&host, ("configuration", "note", "[profiles.work]"), "profile-legacy", "work.config.toml");
    config("profile = \"work\"\n[profiles.work]\nmodel = \"x\"\n");
    teaches(
        &finds(&person, &[], 1),
        ("configuration", "problem", "config.toml:1 sets profile = \"work\""),
        "profile-legacy",
        "remove that line",
    );
}

fn noise_is_counted_and_heard_through(rig: &Rig) {
    let person = rig.person(1);
    person.account().put(".codex/auth.json", person.login.bytes().expose());
    person.rig.root(&format!(
        "printf 'export OPENAI_API_KEY=made-up\\necho welcome\\nprintf nonewline\\n' >{}/.bashrc",
        person.account().home
    ));
    let host = finds(&person, &[], 0);
    has(&host, "shell", "note", "print 17 bytes");
    assert_eq!(has(&host, "environment", "note", "OPENAI_API_KEY")["lesson"], "openai-api-key-variable");
}

fn a_clock_that_is_wrong(rig: &Rig) {
    let person = rig.person(1);
    person.account().put(".codex/auth.json", person.login.bytes().expose());
    person.account().put("bin/date", b"#!/bin/sh\nexec /bin/date -d '2 hours ago' \"$@\"\n");
    person.rig.root(&format!(
        "cd {}; chmod 755 bin/date; echo 'PATH=$HOME/bin:$PATH' >.bashrc",
        person.account().home
    ));
    has(&finds(&person, &[], 1), "clock", "problem", "behind this machine's clock: logins expire");
}

/// The output of codex 0.163.0, shortened.
const REPORT: &str = r#"{"schemaVersion": 1, "overallStatus": "fail", "codexVersion": "0.163.0", "checks": {
  "auth.credentials": {"id": "auth.credentials", "status": "fail", "summary": "no Codex credentials were found", "remediation": "Run codex login"},
  "config.load": {"id": "config.load", "status": "ok", "summary": "config loaded", "remediation": null},
  "network.provider_reachability": {"id": "network.provider_reachability", "status": "fail",
    "summary": "one or more required provider endpoints are unreachable over HTTP", "remediation": "Check proxy, VPN, firewall."},
  "runtime.search": {"id": "runtime.search", "status": "warning", "summary": "search command could not be verified", "remediation": "Install ripgrep"}
}}"#;

fn codexs_own_doctor_is_heard(rig: &Rig) {
    let person = rig.account().without_codex().person();
    person.account().put(".codex/auth.json", person.login.bytes().expose());
    person.account().put(".codex/config.toml", b"model = \"its own\"\n");
    // It prints the home that it was given, which has the configuration but no login.
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo codex-cli 0.163.0 && exit\necho a launcher speaks\n\
         [ -e \"$CODEX_HOME/auth.json\" ] && exit 9\n[ -e \"$CODEX_HOME/config.toml\" ] || exit 9\n\
         : >\"$CODEX_HOME/state\"\ncat <<'END'\n{REPORT}\nEND\nexit 1\n"
    );
    person.account().put(".local/bin/codex", script.as_bytes());
    person.there("chmod 755 .local/bin/codex; echo 'PATH=$HOME/.local/bin:$PATH' >.bashrc");
    let host = finds(&person, &[], 1);
    has(&host, "codex doctor", "ok", "1 of its checks");
    has(
        &host,
        "codex doctor",
        "note",
        "runtime.search: search command could not be verified. Install ripgrep",
    );
    has(&host, "codex doctor", "problem", "network.provider_reachability");
    assert!(!host.to_string().contains("auth.credentials"), "it was given no login: {host}");
}

fn a_live_call_proves_it(rig: &Rig) {
    let person = rig.person(1);
    person.runs(&["deploy", "--no-proof", "box0"]).assert().success();
    has(&finds(&person, &["--live"], 0), "live call", "ok", "answered");
    person.account().put(".codex/auth.json", rig.login(Duration::from_secs(1)).bytes().expose());
    let host = finds(&person, &["--live"], 1);
    teaches(
        &host,
        ("live call", "problem", "refresh-token-revoked"),
        "rotation-logout-revokes",
        "codex exec",
    );
}

fn a_host_that_is_not_reached(rig: &Rig) {
    let person = rig.person(1);
    let (status, stdout, _) = person.says(&["doctor", "nobody@127.0.0.1:1"]);
    assert_eq!(status, 1);
    assert!(stdout.starts_with("nobody@127.0.0.1:1: not examined: "), "{stdout}");
    let (_, stdout, _) = person.says(&["doctor", "--format", "json", "nobody@127.0.0.1:1"]);
    let value: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(value["hosts"][0]["result"], "failed");
}

fn an_account_that_may_not_run_commands(rig: &Rig) {
    let person = rig.person(1);
    rig.root(&format!("usermod -s /usr/sbin/nologin {}", person.account().name));
    let (status, stdout, _) = person.says(&["doctor", "box0"]);
    assert_eq!(status, 1);
    assert!(stdout.contains("did not run our script") && stdout.contains("hint: "), "{stdout}");
}

fn several_hosts_at_once(rig: &Rig) {
    let person = rig.person(3);
    let (status, stdout, _) = person.says(&["doctor", "box0", "box1", "box2"]);
    assert_eq!(status, 1);
    assert!(stdout.ends_with("\n3 hosts: 3 examined (3 with problems)\n"), "{stdout}");
}
