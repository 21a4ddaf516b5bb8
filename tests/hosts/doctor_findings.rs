//! More findings of `doctor`, each on an account that really has the problem, with the command to type.

use std::time::Duration;

use serde_json::Value;
use tests::Rig;
use tests::home;
use tests::person::Person;

use crate::Case;
use crate::doctor::{finds, has, teaches};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_quota_that_is_passed,
        a_full_disk_stops_a_deploy_and_is_found,
        room_that_nobody_tells,
        a_codex_home_of_somebody_else,
        a_codex_home_that_cannot_be_entered,
        a_codex_home_that_may_not_be_made,
        a_login_through_a_link,
        a_login_of_another_user,
        files_of_another_user_and_an_access_list,
        a_login_that_says_little,
        another_file_than_ours,
        the_same_key_as_ours,
        what_a_cut_deploy_left,
        a_login_in_the_wrong_place,
        the_login_in_use_is_no_stray_by_another_path,
        a_configuration_that_may_not_read_the_file,
        a_configuration_that_deletes_a_key,
        a_key_of_codexs_own_variable,
        a_variable_of_a_provider_that_only_a_terminal_has,
        each_shell_has_its_lesson_on_the_path,
        a_shell_that_is_not_asked,
        a_shell_without_a_name,
        a_codex_without_a_release,
        a_folder_for_temporary_files_that_does_not_exist,
        a_host_without_a_tool_of_the_script,
        a_release_without_a_doctor,
        a_repository_and_no_git,
        a_clock_that_runs_ahead_and_one_that_says_nothing,
        a_live_call_without_codex,
        a_live_call_that_hangs,
        how_many_things_are_wrong,
        an_account_that_cannot_be_looked_at,
    ]
}

/// A person whose login is on the host.
fn deployed(rig: &Rig) -> Person<'_> {
    let person = rig.person(1);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    person
}

/// The first next step of a finding: the command to type, or what to do by hand.
fn typed(finding: &Value) -> &str {
    let step = &finding["next"][0];
    step["command"].as_str().or(step["text"].as_str()).unwrap_or_default()
}

/// The output of `quota -q` on Linux.
const PASSED: &str = "Disk quotas for user me (uid 1000): \n     In block grace period on /dev/sda1";

fn a_quota_that_is_passed(rig: &Rig) {
    let person = deployed(rig);
    person.plants("quota", &format!("[ \"$*\" = -q ] && echo '{PASSED}'\nexit 1"));
    let host = finds(&person, &[], 1);
    let finding = has(&host, "quota", "problem", "a limit is passed: Disk quotas for user me");
    home::has(finding["what"].as_str().unwrap(), &["In block grace period on /dev/sda1"]);
    assert_eq!((typed(finding), &finding["next"][0]["where"]), ("quota", &"host".into()));
    // If no limit is exceeded, nothing is reported.
    person.plants("quota", "exit 0");
    let host = finds(&person, &[], 0);
    assert!(!host.to_string().contains("quota"), "{host}");
}

/// Both in one test, because the container has only one file system that is small enough to fill.
fn a_full_disk_stops_a_deploy_and_is_found(rig: &Rig) {
    let person = rig.person(1);
    let home = format!("/dev/shm/{}", person.account().name);
    person.there("echo 'export CODEX_HOME=/dev/shm/$USER' >.bashrc");
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    has(&finds(&person, &[], 0), "disk", "ok", "MiB left on /dev/shm");
    person.renews(Duration::from_secs(60));
    let before = person.account().tree_of(&home);
    let fill = |left: u32| {
        rig.root(&format!(
            "cat /dev/zero >/dev/shm/full 2>/dev/null; [ -s /dev/shm/full ]; truncate -s -{left} /dev/shm/full"
        ));
    };

    fill(0);
    let full = finds(&person, &[], 1);
    let call = ["deploy", "--no-proof", "box0"];
    let (stdout, _) = person.ends(&call, 1);
    let host = person.json(&call, 1);
    let after = person.account().tree_of(&home);
    fill(1024 * 1024);
    let little = finds(&person, &[], 1);
    rig.root(&format!("rm -rf /dev/shm/full {home}"));

    let finding = has(&full, "disk", "problem", "/dev/shm is full: no login can be written or renewed");
    home::has(typed(finding), &["du -xh ", "/dev/shm"]);
    home::has(
        &stdout,
        &[
            "FAILED    box0  ",
            "No space left on device",
            "auth.json on the host is unchanged",
            "make room on the host",
            "codex-remote-auth doctor ",
        ],
    );
    assert_eq!(host["error"]["code"], "cannot-write", "{host}");
    assert_eq!(after, before);
    home::has(
        typed(has(&little, "disk", "problem", "KiB left: codex's own files may not fit")),
        &["du -xh "],
    );
}

fn room_that_nobody_tells(rig: &Rig) {
    let person = deployed(rig);
    person.plants("df", "echo df: no >&2; exit 1");
    has(&finds(&person, &[], 0), "disk", "note", "free disk space unknown");
}

fn a_codex_home_of_somebody_else(rig: &Rig) {
    let person = rig.person(1);
    person.there("MINE=.codex; mkdir -m 755 $MINE");
    let host = finds(&person, &[], 1);
    let (name, home) = (&person.account().name, &person.account().home);
    // The host has no sudo.
    let command = format!("as an administrator of the host: chown {name} {home}/.codex");
    teaches(&host, ("codex home", "problem", "belongs to user 0, who can read"), "file-modes", &command);
    // The suggested command fixes it.
    rig.root(command.trim_start_matches("as an administrator of the host: "));
    has(&finds(&person, &[], 1), "codex home", "ok", "mode 0755");
}

/// Nothing in it can be listed, but its own mode and owner can.
fn a_codex_home_that_cannot_be_entered(rig: &Rig) {
    let person = deployed(rig);
    let home = format!("{}/.codex", person.account().home);
    rig.root(&format!("chmod 600 {home}"));
    let host = finds(&person, &[], 1);
    let finding =
        has(&host, "codex home", "problem", "has mode 0600, which does not let the account enter it");
    assert_eq!(typed(finding), format!("chmod 700 {home}"));
    person.fails(&["deploy", "--no-proof", "box0"], "home-closed", &["mode 0600", "chmod 700 "]);
    // As `sudo codex` makes it.
    rig.root(&format!("chown root:root {home}; chmod 700 {home}"));
    has(&finds(&person, &[], 1), "codex home", "problem", "belongs to user 0");
    person.fails(&["deploy", "--no-proof", "box0"], "home-not-ours", &["belongs to user 0"]);
}

fn a_codex_home_that_may_not_be_made(rig: &Rig) {
    let person = rig.person(1);
    let home = person.account().home.clone();
    person.there("chmod 555 .");
    let next = |host: &Value| {
        typed(has(host, "codex home", "problem", "does not exist, and the account cannot create it"))
            .to_owned()
    };
    home::has(&next(&finds(&person, &[], 1)), &["let the account write to ", &home, "CODEX_HOME"]);
    // What counts is where it would be created, not the home.
    person.there("chmod 755 .; echo 'export CODEX_HOME=/etc/no/codex' >.bashrc");
    home::has(&next(&finds(&person, &[], 1)), &["let the account write to /etc,"]);
}

fn a_login_through_a_link(rig: &Rig) {
    let person = deployed(rig);
    person.there("mv .codex/auth.json elsewhere; ln -s ../elsewhere .codex/auth.json");
    let said = ("login", "note", "is a symbolic link to ../elsewhere; codex writes through it");
    teaches(&finds(&person, &[], 0), said, "symbolic-link", "deploy --replace-link box0");
}

fn a_login_of_another_user(rig: &Rig) {
    let person = deployed(rig);
    person.there("MINE=.codex/auth.json; chown 0:0 $MINE; chmod 644 $MINE");
    let host = finds(&person, &[], 1);
    teaches(
        &host,
        ("login", "problem", "belongs to user 0: codex cannot renew it"),
        "file-modes",
        "deploy box0",
    );
}

/// The person's login as text, with one part of it in another form.
fn edited(person: &Person<'_>, edit: impl FnOnce(&mut Value)) -> String {
    let mut login: Value = serde_json::from_slice(person.login.bytes().expose()).unwrap();
    edit(&mut login);
    login.to_string()
}

/// As a call of codex with sudo leaves them.
fn files_of_another_user_and_an_access_list(rig: &Rig) {
    let person = deployed(rig);
    let home = format!("{}/.codex", person.account().home);
    rig.root(&format!("mkdir -p {home}/sessions/2026; touch {home}/sessions/2026/one {home}/state.sqlite"));
    let host = finds(&person, &[], 1);
    let finding = has(
        &host,
        "codex home",
        "problem",
        &format!("files in {home} belong to another user, such as {home}/s"),
    );
    let command = typed(finding).strip_prefix("as an administrator of the host: ").unwrap().to_owned();
    rig.root(&command);
    person.there("setfacl -m u:nobody:rx .codex");
    let host = finds(&person, &[], 0);
    assert!(!host.to_string().contains("another user,"), "{host}");
    let finding = has(&host, "codex home", "note", &format!("{home} has an access list"));
    home::has(&person.there(typed(finding)), &["user:nobody:r-x"]);
}

fn a_login_that_says_little(rig: &Rig) {
    let person = rig.person(1);
    let text = edited(&person, |login| {
        login["tokens"]["access_token"] = "not.a.token".into();
        login["last_refresh"] = Value::Null;
    });
    person.account().put(".codex/auth.json", text.as_bytes());
    let host = finds(&person, &[], 0);
    let finding = has(&host, "login", "note", "it does not say when it was renewed");
    home::has(finding["what"].as_str().unwrap(), &["its access token does not say when it expires"]);
    assert_eq!(finding["lesson"], "schema-oauth");
}

fn another_file_than_ours(rig: &Rig) {
    let person = rig.person(1);
    person
        .account()
        .put(".codex/auth.json", edited(&person, |login| login["last_refresh"] = Value::Null).as_bytes());
    has(
        &finds(&person, &[], 0),
        "compared",
        "note",
        "a different file than yours; cannot tell which is newer",
    );
}

fn the_same_key_as_ours(rig: &Rig) {
    let person = rig.person(1);
    let key = b"{\"OPENAI_API_KEY\": \"sk-made-up\"}";
    person.write(".codex/auth.json", key);
    person.account().put(".codex/auth.json", key);
    has(&finds(&person, &[], 0), "compared", "ok", "same key as yours");
}

fn what_a_cut_deploy_left(rig: &Rig) {
    let person = deployed(rig);
    person.account().put(".codex/.auth.json.cra-0123", b"{");
    person.account().put(".codex/.auth.json.cra-4567", b"{");
    let host = finds(&person, &[], 1);
    let finding = has(
        &host,
        "login",
        "problem",
        "2 temporary copies of a login, left by deploys that were cut off, are in ",
    );
    // The suggested command fixes it.
    person.there(typed(finding));
    finds(&person, &[], 0);
}

fn a_login_in_the_wrong_place(rig: &Rig) {
    let person = deployed(rig);
    person.account().put("auth.json", b"{}");
    person.account().put(".auth.json", b"{}");
    let host = finds(&person, &[], 0);
    for (path, lesson) in [("/auth.json", "codex-home-elsewhere"), ("/.auth.json", "leading-dot")] {
        let path = format!("{}{path}", person.account().home);
        let part = format!("{path} is a login that codex does not read");
        teaches(&host, ("login", "note", &part), lesson, "remove it if nothing else uses it");
    }
}

/// Whoever follows an advice to remove it would remove the login.
fn the_login_in_use_is_no_stray_by_another_path(rig: &Rig) {
    let person = deployed(rig);
    let has_no_stray = |set: &str| {
        person.there(&format!("echo 'export CODEX_HOME={set}' >.bashrc"));
        let host = finds(&person, &[], 0);
        assert!(!host.to_string().contains("is a login that codex does not read"), "{set}: {host:#}");
    };
    for set in ["$HOME/.codex/", "$HOME/./.codex", "$HOME//.codex"] {
        has_no_stray(set);
    }
    person.there("mkdir -m 700 data; mv .codex data/codex; ln -s data/codex .codex");
    has_no_stray("$HOME/data/codex");
    person.there("mv data/codex/auth.json auth.json; ln -s ../../auth.json data/codex/auth.json");
    has_no_stray("$HOME/data/codex");
}

fn a_configuration_that_may_not_read_the_file(rig: &Rig) {
    let person = deployed(rig);
    person.account().put(".codex/config.toml", b"cli_auth_credentials_store = \"auto\"\n");
    let host = finds(&person, &[], 0);
    assert_eq!(
        has(&host, "configuration", "note", "sets cli_auth_credentials_store = \"auto\"")["lesson"],
        "keyring-store"
    );
}

fn a_variable_of_a_provider_that_only_a_terminal_has(rig: &Rig) {
    let person = deployed(rig);
    let config =
        "model_provider = \"relay\"\n[model_providers.relay]\nname = \"r\"\nenv_key = \"RELAY_KEY\"\n";
    person.account().put(".codex/config.toml", config.as_bytes());
    // No canary: the account's own programs have it in their environment.
    let key = "made-up-key";
    let rc = format!(
        "case $- in *i*) ;; *) return ;; esac\n  # RELAY_KEY=an old one\n[ -n \"$RELAY_KEY\" ]; export RELAY_KEYS=2\nexport RELAY_KEY={key}\n"
    );
    person.account().put(".bashrc", rc.as_bytes());
    person.account().put(".config/fish/config.fish", format!("set -gx RELAY_KEY {key}\n").as_bytes());
    let what = "RELAY_KEY is not set for a plain command, but env_key in ";
    let host = finds(&person, &[], 1);
    teaches(
        &host,
        ("environment", "problem", what),
        "env-key-missing",
        "move that line to the top of the rc file",
    );
    let files = "; ~/.bashrc:4, ~/.config/fish/config.fish:1 sets it, but a plain command does not get there";
    has(&host, "environment", "problem", files);
    assert!(!host.to_string().contains(key), "{host}");
    // At the top, a plain command gets there.
    person.account().put(".bashrc", format!("export RELAY_KEY={key}\n{rc}").as_bytes());
    let host = finds(&person, &[], 1).to_string();
    assert!(!host.contains("RELAY_KEY is not set") && !host.contains(key), "{host}");
    person.account().put(".bashrc", b"");
    person.account().put(".config/fish/config.fish", b"");
    teaches(&finds(&person, &[], 1), ("environment", "problem", what), "env-key-missing", "set RELAY_KEY in");
}

fn a_configuration_that_deletes_a_key(rig: &Rig) {
    let person = rig.person(1);
    person.account().put(".codex/auth.json", b"{\"OPENAI_API_KEY\": \"sk-made-up\"}");
    person.account().put(".codex/config.toml", b"forced_login_method = \"chatgpt\"\n");
    let said = ("configuration", "problem", "codex deletes this login at its first call");
    teaches(&finds(&person, &[], 1), said, "forced-login-method", "a login of that form");
}

fn a_key_of_codexs_own_variable(rig: &Rig) {
    let person = deployed(rig);
    person.there("echo 'export CODEX_API_KEY=made-up' >.bashrc");
    let host = finds(&person, &[], 0);
    let finding = has(
        &host,
        "environment",
        "note",
        "CODEX_API_KEY is set on the host, and codex uses it in place of auth.json",
    );
    assert_eq!(finding["lesson"], "openai-api-key-variable");
    assert!(!host.to_string().contains("made-up"), "its value is nobody's business: {host}");
}

fn each_shell_has_its_lesson_on_the_path(rig: &Rig) {
    let person = rig.account().without_codex().person();
    person.account().put(".codex/auth.json", person.login.bytes().expose());
    person.there("mkdir bin; ln -s /opt/codex-under-test/codex bin/codex");
    let path = format!("{}/bin", person.account().home);
    for (shell, lesson, next) in [
        ("/bin/zsh", "path-zsh", format!("put this at the top of ~/.zshenv: export PATH={path}:\"$PATH\"")),
        ("/bin/dash", "path-sh", format!("call codex by its full path, {path}/codex")),
    ] {
        rig.root(&format!("usermod -s {shell} {}", person.account().name));
        teaches(
            &finds(&person, &[], 1),
            ("path", "problem", "is not on the PATH of a command over SSH"),
            lesson,
            &next,
        );
    }
    let (stdout, _) = person.ends(&["deploy", "--no-proof", "box0"], 0);
    home::has(
        &stdout,
        &["not on the PATH", "reads no rc file for a plain command: call codex by its full path"],
    );
}

fn a_shell_that_is_not_asked(rig: &Rig) {
    let person = deployed(rig);
    for (shell, modes) in [
        ("/bin/tcsh", "plain command yes, login shell yes, terminal not checked"),
        ("/bin/rbash", "plain command yes, login shell not checked, terminal not checked"),
    ] {
        rig.root(&format!("usermod -s {shell} {}", person.account().name));
        has(&finds(&person, &[], 0), "path", "ok", modes);
    }
}

fn a_shell_without_a_name(rig: &Rig) {
    let person = deployed(rig);
    person.there("echo 'unset SHELL' >.bashrc");
    has(&finds(&person, &[], 0), "shell", "ok", "an unnamed shell; its rc files print nothing");
}

fn a_codex_without_a_release(rig: &Rig) {
    let person = deployed(rig);
    person.plants("codex", "echo something else");
    let path = format!("{}/first/codex", person.account().home);
    let host = finds(&person, &[], 1);
    let finding = has(&host, "codex", "problem", &format!("{path} does not print its version"));
    assert_eq!(typed(finding), format!("{path} --version"));
    person.there("printf '#!/bin/sh\\r\\necho codex-cli 0.163.0\\r\\n' >first/codex");
    teaches(
        &finds(&person, &[], 1),
        ("codex", "problem", "/codex:1 ends with a carriage return, as on Windows"),
        "codex-line-ends",
        "remove the carriage returns",
    );
    // It is executable, but not for this account.
    person.there("echo 'PATH=$HOME/first:/usr/bin:/bin' >.bashrc");
    rig.root(&format!("chown root {path}; chmod 744 {path}"));
    let host = finds(&person, &[], 1);
    let finding = has(&host, "codex", "problem", "has the x bit, but the account may not execute it");
    assert_eq!(typed(finding), format!("findmnt -T {path}"));
}

fn a_folder_for_temporary_files_that_does_not_exist(rig: &Rig) {
    let person = deployed(rig);
    person.there("touch .bashrc; { echo 'export TMPDIR=/nowhere'; cat .bashrc; } >rc; mv rc .bashrc");
    let host = finds(&person, &[], 0);
    has(&host, "codex", "ok", "release ");
    has(&host, "environment", "note", "TMPDIR is /nowhere, which is no folder on the host");
}

/// Without its tools, the script reads no file: there must be no finding about files that it has not read.
fn a_host_without_a_tool_of_the_script(rig: &Rig) {
    let person = deployed(rig);
    person.tools_without(&["head"]);
    person.there("echo 'PATH=$HOME/tools:/opt/codex-under-test' >.bashrc");
    let host = finds(&person, &[], 1);
    has(&host, "codex home", "problem", "head");
    let of = |subject: &str| {
        let all = host["findings"].as_array().unwrap();
        all.iter().filter(|one| one["subject"] == subject).count()
    };
    assert_eq!((of("login"), of("configuration")), (0, 0), "{host:#}");
}

fn a_release_without_a_doctor(rig: &Rig) {
    let person = deployed(rig);
    person.plants(
        "codex",
        "case $1 in --version) echo codex-cli 0.133.0 ;; *) echo no such command >&2; exit 2 ;; esac",
    );
    let host = finds(&person, &[], 0);
    has(&host, "codex", "ok", "release 0.133.0, ");
    has(&host, "codex doctor", "note", "not available in this release of codex");
}

fn a_repository_and_no_git(rig: &Rig) {
    let person = deployed(rig);
    person.plants("git", "[ \"$*\" = 'rev-parse --is-inside-work-tree' ] && echo true");
    has(&finds(&person, &[], 0), "git check", "ok", "in a git repository");
    person.tools_without(&["git"]);
    person.there("rm -r first; echo 'PATH=$HOME/tools:/opt/codex-under-test' >.bashrc");
    teaches(
        &finds(&person, &[], 0),
        ("git check", "note", "git is not installed"),
        "git-check",
        "--skip-git-repo-check",
    );
}

fn a_clock_that_runs_ahead_and_one_that_says_nothing(rig: &Rig) {
    let person = deployed(rig);
    person.plants("date", "exec /bin/date -d '3 hours 5 minutes' \"$@\"");
    let host = finds(&person, &[], 1);
    let finding =
        has(&host, "clock", "problem", "3 h ahead of this machine's clock: logins expire at the wrong time");
    assert_eq!(typed(finding), "set the clock of the host");
    person.plants("date", "exit 1");
    has(&finds(&person, &[], 0), "clock", "note", "could not read the clock of the host");
}

fn a_live_call_without_codex(rig: &Rig) {
    let person = rig.account().without_codex().person();
    person.account().put(".codex/auth.json", person.login.bytes().expose());
    has(&finds(&person, &["--live"], 1), "live call", "problem", "there was no codex to call");
}

fn a_live_call_that_hangs(rig: &Rig) {
    let person = deployed(rig);
    person.plants(
        "codex",
        "case $1 in --version) echo codex-cli 0.163.0 ;; exec) exec sleep 300 ;; *) exit 2 ;; esac",
    );
    let host = finds(&person, &["--live", "--timeout", "6"], 1);
    let finding = has(&host, "live call", "problem", "codex exec failed (timed-out): its input was closed");
    assert_eq!(finding["lesson"], Value::Null, "{finding}");
    person.account().nothing_runs();
}

fn how_many_things_are_wrong(rig: &Rig) {
    let person = deployed(rig);
    person.there("chmod 644 .codex/auth.json");
    let (stdout, _) = person.ends(&["doctor", "box0"], 1);
    assert!(stdout.starts_with("box0: 1 problem, "), "{stdout}");
    home::has(
        &stdout,
        &["\n  problem  login          others can read ", "explain file-modes\n", "on the host: chmod 600 "],
    );
    person.there("chmod 777 .codex");
    let (stdout, _) = person.ends(&["doctor", "box0"], 1);
    assert!(stdout.starts_with("box0: 2 problems, "), "{stdout}");
}

/// Checks that an account is not examined, for this reason.
fn is_not_looked_at(person: &Person<'_>, more: &[&str], code: &str, words: &[&str]) {
    let call = [&["doctor", "box0"], more].concat();
    let (stdout, _) = person.ends(&call, 1);
    assert!(stdout.starts_with("box0: not examined: "), "{stdout}");
    home::has(&stdout, words);
    assert!(!stdout.contains("auth.json is"), "nothing was to be changed: {stdout}");
    let host = person.json(&call, 1);
    assert_eq!((&host["result"], &host["error"]["code"]), (&"failed".into(), &code.into()), "{host}");
    home::has(&home::in_full(&host["error"]), words);
}

fn an_account_that_cannot_be_looked_at(rig: &Rig) {
    let person = rig.person(1);
    person.there("echo 'HOME=/no/such/home' >.bashrc");
    is_not_looked_at(&person, &[], "no-home", &["`/no/such/home` does not exist", "create it"]);
    person.there("echo 'sleep 60' >.bashrc");
    is_not_looked_at(&person, &["--timeout", "4"], "no-reply", &["did not start within ", "rc files"]);
    person.there("echo 'kill -9 $PPID' >.bashrc");
    is_not_looked_at(&person, &[], "ssh-lost", &["the connection to ", "was lost while ", "Try again"]);
    rig.root(&format!("usermod -s /usr/sbin/nologin {}", person.account().name));
    is_not_looked_at(&person, &[], "no-reply", &["did not run our script", "login shell (nologin"]);
}
