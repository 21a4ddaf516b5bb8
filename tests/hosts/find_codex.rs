//! Where codex is found without relying on the PATH.

use serde_json::Value;
use tests::Rig;
use tests::home::has;
use tests::person::Person;

use crate::Case;

const PROGRAM: &str = "/opt/codex-under-test/codex";

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        on_the_path_of_plain_commands_first,
        on_the_path_of_a_login_shell_however_noisy,
        on_the_path_of_a_login_of_tcsh,
        where_installers_put_it,
        of_several_versions_the_newest_or_the_default_of_nvm,
        on_the_path_of_a_terminal_alone,
        by_a_tilde_that_only_bash_expands,
        an_alias_of_a_terminal,
        where_npmrc_says,
        a_link_that_leads_nowhere_is_named,
        another_home_at_a_terminal_is_told,
        doctor_names_every_release_and_the_one_of_a_plain_command,
        doctor_shows_why_codex_does_not_print_its_version,
        one_that_may_not_be_run_is_passed_over_for_one_that_may,
        one_that_may_not_be_run_is_told_if_there_is_no_other,
        the_release_is_told_with_the_proof_and_without,
    ]
}

/// The codex that a deploy's proof used.
fn proven(person: &Person<'_>) -> Value {
    let mut host = person.json(&["deploy", "box0"], 0);
    assert_eq!(host["proof"], "works", "{host}");
    host["codex"].take()
}

fn on_the_path_of_plain_commands_first(rig: &Rig) {
    let codex = proven(&rig.account().link(".local/bin/codex", PROGRAM).person());
    assert_eq!((&codex["found"], &codex["path_line"]), (&"path".into(), &Value::Null), "{codex}");
}

/// It reads this file only at a login, and takes no command then.
fn on_the_path_of_a_login_of_tcsh(rig: &Rig) {
    let lines = "echo welcome\nsetenv PATH $HOME/made-up/bin:\"$PATH\"\nsetenv CODEX_API_KEY made-up\n";
    let account = rig.account().without_codex().shell("/bin/tcsh").file(".login", lines);
    let person = account.link("made-up/bin/codex", PROGRAM).person();
    let codex = proven(&person);
    assert_eq!(codex["found"], "login-path", "{codex}");
    let line = codex["path_line"]["line"].as_str().unwrap();
    person.there(&format!("cat >.tcshrc <<'END'\n{line}\nEND"));
    assert_eq!(proven(&person)["found"], "path", "{line}");
    let (_, stdout, _) = person.says(&["doctor", "box0"]);
    has(&stdout, &["plain command yes, login shell yes, terminal not checked", "CODEX_API_KEY"]);
}

fn on_the_path_of_a_login_shell_however_noisy(rig: &Rig) {
    let lines = "echo welcome; printf 'no newline'; echo oops >&2\nexport PATH=$HOME/made-up/bin:$PATH\n";
    for (shell, file) in [("/bin/bash", ".bash_profile"), ("/bin/zsh", ".zprofile"), ("/bin/sh", ".profile")]
    {
        let account = rig.account().without_codex().shell(shell).file(file, lines);
        let person = account.link("made-up/bin/codex", PROGRAM).person();
        let codex = proven(&person);
        assert_eq!(codex["found"], "login-path", "{shell}");
        assert_eq!(codex["path"], format!("{}/made-up/bin/codex", person.account().home));
        let Some(line) = codex["path_line"]["line"].as_str() else {
            // For plain commands, this shell reads no startup file.
            assert_eq!(shell, "/bin/sh");
            continue;
        };
        // The suggested line has the effect that the message promises.
        let to = codex["path_line"]["file"].as_str().unwrap().strip_prefix("~/").unwrap();
        person.there(&format!("cat >>{to} <<'END'\n{line}\nEND"));
        assert_eq!(proven(&person)["found"], "path", "{shell}");
    }
}

/// A folder of each installer, in which codex is not on any PATH.
const PLACES: &[&str] = &[
    "symlinks",
    ".codex/packages/standalone/current",
    ".codex/packages/standalone/current/bin",
    ".codex/packages/standalone/releases/0.144.5/bin",
    ".local/bin",
    "bin",
    ".npm-global/bin",
    ".npm-packages/bin",
    ".nvm/versions/node/v22.1.0/bin",
    ".config/nvm/versions/node/v22.1.0/bin",
    ".local/share/fnm/node-versions/v22.1.0/installation/bin",
    ".volta/bin",
    "n/bin",
    ".nodebrew/current/bin",
    ".nodenv/shims",
    ".nodenv/versions/22.1.0/bin",
    ".local/share/pnpm",
    ".yarn/bin",
    ".config/yarn/global/node_modules/.bin",
    ".bun/bin",
    ".deno/bin",
    ".local/share/mise/shims",
    ".local/share/mise/installs/npm-openai-codex/0.144.5/bin",
    ".asdf/shims",
    ".asdf/installs/nodejs/22.1.0/bin",
    ".cargo/bin",
    ".pixi/bin",
    ".nix-profile/bin",
    "miniconda3/bin",
];

fn where_installers_put_it(rig: &Rig) {
    let person = rig.account().without_codex().person();
    let home = person.account().home.clone();
    let mut missed = Vec::new();
    for place in PLACES {
        person.there(&format!("mkdir -p {place} && ln -s {PROGRAM} {place}/codex"));
        let codex = person.json(&["deploy", "--no-proof", "box0"], 0)["codex"].take();
        if codex["found"] != "place" || codex["path"] != format!("{home}/{place}/codex") {
            missed.push((place, codex));
        }
        person.there(&format!("rm {place}/codex"));
    }
    assert!(missed.is_empty(), "{missed:?}");
}

fn of_several_versions_the_newest_or_the_default_of_nvm(rig: &Rig) {
    let person = rig.account().without_codex().person();
    let nvm = ".nvm/versions/node";
    for version in ["v9.11.2", "v18.20.0", "v22.1.0"] {
        person.there(&format!("mkdir -p {nvm}/{version}/bin && ln -s {PROGRAM} {nvm}/{version}/bin/codex"));
    }
    let is_found = |version: &str| {
        let path = person.json(&["deploy", "--no-proof", "box0"], 0)["codex"]["path"].take();
        assert_eq!(path, format!("{}/{nvm}/{version}/bin/codex", person.account().home));
    };
    is_found("v22.1.0");
    person.there(
        "mkdir -p .nvm/alias/lts; echo 'lts/*' >.nvm/alias/default; echo lts/hydrogen >'.nvm/alias/lts/*'",
    );
    person.there("printf v18.20.0 >.nvm/alias/lts/hydrogen");
    is_found("v18.20.0");
}

/// As installers write it: behind the line that ends the file for a plain command.
fn on_the_path_of_a_terminal_alone(rig: &Rig) {
    let lines = "case $- in *i*) ;; *) return ;; esac\nexport PATH=$HOME/made-up/bin:$PATH\n";
    let account = rig.account().without_codex().file(".bashrc", lines).link("made-up/bin/codex", PROGRAM);
    let person = account.person();
    let codex = proven(&person);
    assert_eq!(codex["found"], "terminal-path", "{codex}");
    assert_eq!(codex["path"], format!("{}/made-up/bin/codex", person.account().home));
    let (_, stdout, _) = person.says(&["doctor", "box0"]);
    let line = format!("export PATH={}/made-up/bin:\"$PATH\"", person.account().home);
    has(&stdout, &["plain command no, login shell no, terminal yes", &line]);
}

fn an_alias_of_a_terminal(rig: &Rig) {
    let guard = "case $- in *i*) ;; *) return ;; esac\n";
    for (value, name) in
        [("~/tools/codex", "codex"), ("$HOME/tools/codex-linux --no-alt-screen", "codex-linux")]
    {
        let rc = format!("{guard}alias codex='{value}'\n");
        let account = rig.account().without_codex().file(".bashrc", &rc);
        let person = account.link(&format!("tools/{name}"), PROGRAM).person();
        let codex = proven(&person);
        assert_eq!(codex["found"], "alias", "{codex}");
        assert_eq!(codex["path"], format!("{}/tools/{name}", person.account().home));
        let (_, stdout, _) = person.says(&["doctor", "box0"]);
        let advice = if name == "codex" {
            "put this at the top of ~/.bashrc"
        } else {
            "a command over SSH has no aliases"
        };
        has(&stdout, &["codex is only an alias, which a command over SSH does not have", advice]);
    }
    // Neither a key in one nor another word is taken for a path, and nothing of it is shown.
    for (rc, kind) in [
        ("alias codex='OPENAI_API_KEY=made/up/key codex'\n", "an alias"),
        ("alias codex='npx made/up'\n", "an alias"),
        ("codex() { OPENAI_API_KEY=made/up/key npx made/up \"$@\"; }\n", "a function"),
    ] {
        let person = rig.account().without_codex().file(".bashrc", &format!("{guard}{rc}")).person();
        for command in ["doctor", "deploy"] {
            let (_, stdout, stderr) = person.says(&[command, "box0"]);
            let says = format!(
                "in a terminal, codex is {kind} of the shell, which a command over SSH does not have"
            );
            has(&stdout, &["codex was not found", &says, "make a script of it"]);
            assert!(!format!("{stdout}{stderr}").contains("made/up"), "{stdout}");
        }
    }
}

fn where_npmrc_says(rig: &Rig) {
    for line in
        ["prefix=${HOME}/made-up", "prefix = ~/made-up", "//r/:_authToken=no\nprefix=\"$HOME/made-up\""]
    {
        let account = rig.account().without_codex().file(".npmrc", &format!("{line}\n"));
        let codex = proven(&account.link("made-up/bin/codex", PROGRAM).person());
        assert_eq!(codex["found"], "place", "{line}: {codex}");
    }
}

fn a_link_that_leads_nowhere_is_named(rig: &Rig) {
    let person = rig.account().without_codex().link(".local/bin/codex", "/no/such/file").person();
    let says =
        format!("; {}/.local/bin/codex is a link to a file that does not exist", person.account().home);
    let (stdout, _) = person.ends(&["deploy", "box0"], 1);
    has(&stdout, &[&format!("not verified: codex was not found on this host{says}")]);
    has(&person.says(&["doctor", "box0"]).1, &["codex was not found", &says]);
    person.there("rm .codex/auth.json");
    has(&person.ends(&["login", "box0"], 1).0, &[&says]);
}

fn another_home_at_a_terminal_is_told(rig: &Rig) {
    let rc = "case $- in *i*) ;; *) return ;; esac\nexport CODEX_HOME=$HOME/work\n";
    let person = rig.account().file(".bashrc", rc).person();
    let home = person.account().home.clone();
    let says = format!("at a terminal, CODEX_HOME is {home}/work; a command over SSH reads {home}/.codex");
    has(&person.says(&["doctor", "box0"]).1, &[&says, "codex-home-elsewhere"]);
    person.there("echo 'export CODEX_HOME=$HOME/.codex/' >>.bashrc");
    assert!(!person.says(&["doctor", "box0"]).1.contains("at a terminal, CODEX_HOME"));
    // No canary: the account's own programs have it in their environment.
    person.there(
        "printf 'case $- in *i*) ;; *) return ;; esac\\nexport CODEX_API_KEY=made-up-key\\n' >.bashrc",
    );
    let (_, stdout, stderr) = person.says(&["doctor", "box0"]);
    let says =
        "at a terminal, CODEX_API_KEY is set, and codex uses it in place of auth.json; a command over SSH";
    has(&stdout, &[says]);
    assert!(!format!("{stdout}{stderr}").contains("made-up-key"), "{stdout}");
}

fn by_a_tilde_that_only_bash_expands(rig: &Rig) {
    let rc = "PATH=\"$PATH:~/made-up\"\n";
    let account = rig.account().without_codex().file(".bashrc", rc).link("made-up/codex", PROGRAM);
    let person = account.person();
    let codex = proven(&person);
    assert_eq!(codex["found"], "tilde-path", "{codex}");
    let (_, stdout, _) = person.says(&["doctor", "box0"]);
    has(&stdout, &["the PATH has a folder that begins with `~`", "export PATH="]);
}

fn doctor_names_every_release_and_the_one_of_a_plain_command(rig: &Rig) {
    let older = "printf '#!/bin/sh\necho codex-cli 0.89.0\n' >old/codex; chmod 755 old/codex";
    let rc = "PATH=$HOME/old:$PATH\n";
    let account = rig.account().without_codex().file(".bashrc", rc).link(".local/bin/codex", PROGRAM);
    let person = account.person();
    person.there(&format!("mkdir old; {older}"));
    let (_, stdout, _) = person.says(&["doctor", "box0"]);
    let home = &person.account().home;
    has(
        &stdout,
        &[
            &format!("release 0.89.0, {home}/old/codex"),
            &format!("a plain command runs {home}/old/codex; {home}/.local/bin/codex is 0."),
        ],
    );
}

fn doctor_shows_why_codex_does_not_print_its_version(rig: &Rig) {
    for (script, telling) in [
        ("#!/usr/bin/env node\n", "node"),
        (
            "#!/bin/sh\necho 'file:///usr/lib/codex.js:1' >&2\necho 'Error: Missing optional dependency @openai/codex-linux-x64.' >&2\n\
             echo '    at file:///usr/lib/codex.js:100:9' >&2\necho 'Node.js v22.1.0' >&2\nexit 1\n",
            "Error: Missing optional dependency @openai/codex-linux-x64.",
        ),
        (
            "#!/bin/sh\necho ' ERR_PNPM_NO_IMPORTER_MANIFEST_FOUND  No package.json was found'\nexit 1\n",
            "ERR_PNPM_NO_IMPORTER_MANIFEST_FOUND",
        ),
    ] {
        let person = rig.account().without_codex().file(".local/bin/codex", script).person();
        person.there("chmod 755 .local/bin/codex");
        let (_, stdout, _) = person.says(&["doctor", "box0"]);
        let line = stdout.lines().find(|line| line.contains("does not print its version")).unwrap_or(&stdout);
        assert!(stdout.contains("it printed `") && stdout.contains(telling), "{telling}: {line}");
    }
    for version in ["0.2.3", "codex v0.1.2504251709"] {
        let script = format!("#!/bin/sh\necho '{version}'\n");
        let person = rig.account().without_codex().file(".local/bin/codex", &script).person();
        person.there("chmod 755 .local/bin/codex");
        let (_, stdout, _) = person.says(&["doctor", "box0"]);
        has(
            &stdout,
            &[
                "another program with this name, or a Codex of 2025",
                version,
                "npm install -g @openai/codex@latest",
            ],
        );
    }
}

fn one_that_may_not_be_run_is_passed_over_for_one_that_may(rig: &Rig) {
    let account = rig.account().without_codex().file(".local/bin/codex", "not run");
    let person = account.link("bin/codex", PROGRAM).person();
    assert_eq!(proven(&person)["path"], format!("{}/bin/codex", person.account().home));
}

fn one_that_may_not_be_run_is_told_if_there_is_no_other(rig: &Rig) {
    let person = rig.account().without_codex().file(".local/bin/codex", "not run").person();
    let host = person.json(&["deploy", "box0"], 1);
    assert_eq!((&host["proof"], &host["diagnosis"]), (&"failed".into(), &"not-executable".into()), "{host}");
    assert_eq!(host["codex"]["path"], format!("{}/.local/bin/codex", person.account().home));
}

fn the_release_is_told_with_the_proof_and_without(rig: &Rig) {
    let person = rig.person(1);
    let release = person.json(&["deploy", "--no-proof", "box0"], 0)["codex"]["release"].take();
    has(release.as_str().unwrap(), &["0."]);
    assert_eq!(proven(&person)["release"], release);
}
