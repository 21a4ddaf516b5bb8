//! The login with a device code, with the stub and with programs that behave as codex may.

use tests::Rig;
use tests::home::{has, of_first_host, set_off};

use crate::{Case, ISSUER, fake_codex, login};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_person_is_shown_link_and_code_and_then_what_came_of_it,
        a_program_gets_one_object_and_neither_link_nor_code,
        what_rc_files_print_is_not_shown,
        a_codex_beyond_the_path_is_found_and_its_home_is_used,
        colours_and_pieces_change_nothing,
        a_login_is_replaced_if_asked_and_the_old_one_is_not_revoked,
        a_forced_login_has_the_accounts_configuration,
        a_forced_login_by_a_script_that_may_use_the_accounts_own_home_is_refused,
        without_a_proof_codex_is_not_called,
    ]
}

fn a_person_is_shown_link_and_code_and_then_what_came_of_it(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, stderr) = person.ends(&login(&[]), 0);
    let [link, code] = set_off(&stderr)[..] else { panic!("{stderr}") };
    assert_eq!(link, format!("{ISSUER}/codex/device"));
    assert!(code.len() == 9 && code.as_bytes()[4] == b'-');
    assert_eq!(stderr.matches(code).count(), 1, "the code is shown once");
    assert!(stdout.starts_with("ok        box0  + logged in separately: /home/"), "{stdout}");
    has(&stdout, &["(new file, mode 0600)", "verified: codex answered with this login"]);
    assert!(!stdout.contains("it is 0600 now") && !stdout.contains(code), "{stdout}");
    let account = person.account();
    account.has_a_login_of_its_own();
    assert_eq!(account.asked(), ["device-code", "not-yet", "agreed", "tokens", "answered"]);
    assert_eq!(account.root("stat -c %a .codex"), "700\n");
    account.nothing_runs();
}

fn a_program_gets_one_object_and_neither_link_nor_code(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, stderr) = person.ends(&login(&["--format", "json"]), 0);
    let [link, code] = set_off(&stderr)[..] else { panic!("{stderr}") };
    assert!(!stdout.contains(link) && !stdout.contains(code), "{stdout}");
    let host = of_first_host(&stdout);
    for (field, expected) in
        [("host", "box0"), ("result", "logged-in"), ("way", "device"), ("mode", "0600"), ("proof", "works")]
    {
        assert_eq!(host[field], expected, "{host}");
    }
    assert_eq!(host["path"], format!("{}/.codex/auth.json", person.account().home));
    assert_eq!((&host["replaced"], &host["codex"]["release"]), (&false.into(), &"0.163.0".into()));
    assert!(host["seconds"].as_f64().unwrap() > 0.0);
}

fn what_rc_files_print_is_not_shown(rig: &Rig) {
    let noise =
        "echo 'https://elsewhere.invalid/trap'; echo ABCD-EFGH; printf 'no newline'\necho complaint >&2\n";
    let of_tcsh = "echo https://elsewhere.invalid/trap\necho ABCD-EFGH\n";
    for (shell, file, noise) in
        [("/bin/bash", ".bashrc", noise), ("/bin/zsh", ".zshenv", noise), ("/bin/tcsh", ".cshrc", of_tcsh)]
    {
        let person = rig.account().shell(shell).file(file, noise).person();
        let (stdout, stderr) = person.ends(&login(&[]), 0);
        has(&stdout, &["verified: "]);
        let [link, code] = set_off(&stderr)[..] else { panic!("{shell}: {stderr}") };
        assert_eq!(link, format!("{ISSUER}/codex/device"), "{shell}");
        assert_ne!(code, "ABCD-EFGH", "{shell}");
    }
}

fn a_codex_beyond_the_path_is_found_and_its_home_is_used(rig: &Rig) {
    let rc = "export CODEX_HOME=~/elsewhere\n";
    let codex = "exec /opt/codex-under-test/codex \"$@\"";
    let person = rig.account().file(".bashrc", rc).codex(codex).person();
    let host = person.json(&login(&[]), 0);
    assert_eq!((&host["proof"], &host["codex"]["found"]), (&"works".into(), &"place".into()), "{host}");
    assert_eq!(host["path"], format!("{}/elsewhere/auth.json", person.account().home));
    assert_eq!(person.account().root("stat -c %a elsewhere elsewhere/auth.json"), "700\n600\n");
    assert_eq!(person.account().auth(), "");
}

fn colours_and_pieces_change_nothing(rig: &Rig) {
    let script = "for part in '\\033[9' '4m  https://auth.open' 'ai.com/codex/dev' 'ice\\033[0' 'm\\n\\n2. Enter \\033]0;title\\007' \
         '\\r\\n  \\033[1;94mWXYZ' '-A1B2' 'C\\033[0m' '\\n' 'more\\n'; do printf %b \"$part\"; sleep 0.05; done";
    let person = rig.account().codex(&fake_codex::that_logs_in(script)).person();
    let (stdout, stderr) = person.ends(&login(&[]), 0);
    assert_eq!(set_off(&stderr), ["https://auth.openai.com/codex/device", "WXYZ-A1B2C"]);
    has(&stdout, &["codex 9.9.9: ", "verified: "]);
}

fn a_login_is_replaced_if_asked_and_the_old_one_is_not_revoked(rig: &Rig) {
    let person = rig.account().login(0o600).person();
    let account = person.account();
    let before = account.auth();
    let (stdout, _) = person.ends(&login(&["--force"]), 0);
    has(
        &stdout,
        &[
            "(replaced another login, mode 0600)",
            "the previous login is not revoked: copies of it on other machines keep working",
            "codex 0.163.0: /opt/codex-under-test/codex, on the PATH",
            "verified: ",
        ],
    );
    assert_ne!(account.auth(), before);
    account.has_a_login_of_its_own();
    assert_eq!(account.asked(), ["device-code", "not-yet", "agreed", "tokens", "answered"]);
}

/// Codex has the account's configuration while it logs in over a login, and nothing of that is left.
fn a_forced_login_has_the_accounts_configuration(rig: &Rig) {
    let sees = "cd \"$CODEX_HOME\" && { cat config.toml .env; ls -A; echo kept >sessions/new; } >~/seen";
    let person = rig
        .account()
        .login(0o600)
        .file(".codex/config.toml", "model = \"x\"\n")
        .file(".codex/.env", "A=b\n")
        .file(".codex/sessions/old", "")
        .codex(&fake_codex::that_logs_in(&format!("{sees}; {}", fake_codex::PRINTS_CODE)))
        .person();
    person.ends(&login(&["--force"]), 0);
    let account = person.account();
    assert_eq!(account.root("cat seen"), "model = \"x\"\nA=b\n.env\nconfig.toml\nsessions\n");
    assert_eq!(
        account.root("ls -A .codex .codex/sessions"),
        ".codex:\n.env\nauth.json\nconfig.toml\nsessions\n\n.codex/sessions:\n2026\nnew\nold\n"
    );
    assert_eq!(account.root("stat -c '%a %U' .codex/auth.json"), format!("600 {}\n", account.name));
    assert_eq!(account.root("cat .codex/auth.json"), "{}\n");
}

/// It would take the private home from codex, which would then end the old login.
fn a_forced_login_by_a_script_that_may_use_the_accounts_own_home_is_refused(rig: &Rig) {
    let codex = "exec /opt/codex-under-test/codex \"$@\"";
    let container = "docker run -v $HOME/.codex:/root/.codex codex codex \"$@\"";
    for (script, refused) in [
        (
            format!("export CODEX_HOME=$HOME/.codex\n{codex}"),
            Some(["is a script that sets CODEX_HOME to ", "remove that line"]),
        ),
        (
            format!("[ -z \"$NEVER\" ] || {container}\n{codex}"),
            Some([
                "is a script that runs codex in a container (docker)",
                "log in where the script runs codex",
            ]),
        ),
        (format!("export CODEX_HOME=${{CODEX_HOME:-$HOME/.codex}}\n{codex}"), None),
    ] {
        let person = rig.account().login(0o600).codex(&script).person();
        let before = person.account().auth();
        if let Some(words) = refused {
            person.fails(&login(&["--force"]), "another-codex-home", &words);
            assert_eq!(person.account().auth(), before);
            assert!(person.account().asked().is_empty());
        } else {
            person.ends(&login(&["--force"]), 0);
            assert!(!person.account().asked().contains(&"taken-back".to_owned()));
        }
    }
}

fn without_a_proof_codex_is_not_called(rig: &Rig) {
    let person = rig.person(1);
    let (stdout, stderr) = person.ends(&login(&["--no-proof"]), 0);
    has(&stdout, &["not verified (--no-proof)"]);
    assert!(!stderr.contains("asking codex"), "{stderr}");
    person.account().has_a_login_of_its_own();
    assert_eq!(person.account().asked(), ["device-code", "not-yet", "agreed", "tokens"]);
}
