//! Another program runs on the host in place of our script: an rc file that starts a shell, a forced command, or a login shell
//! that is not a shell. It must not receive any part of the login, and the message must say that nothing was sent.

use std::time::{Duration, SystemTime};

use codex_remote_auth::auth_json::AuthFile;
use harness::cloud::{Claims, chatgpt};
use serde_json::Value;
use tests::Rig;
use tests::home::{has, in_full};
use tests::person::Person;

use crate::Case;
use crate::witness::Witness;

/// A program that runs in place of our script.
struct Interceptor {
    name: &'static str,
    /// A script that sets it up, run as root in the account's home.
    install: &'static str,
    /// A program to use as the login shell.
    shell: Option<&'static str>,
    /// Words of which the message has to contain one: what answered, or what to check.
    names: &'static [&'static str],
}

/// What a message names if an rc file or the login shell may be the reason.
const RC_FILE: &[&str] = &["rc file", ".bashrc", "shell's startup file"];
/// The same for a command that sshd runs in place of any other.
const FORCED: &[&str] = &["ForceCommand", "authorized_keys", "forced command"];
/// The same for an account whose shell runs no commands.
const SHELL: &[&str] = &["login shell"];

/// Writes down the command that it is asked to run, in words and as one line, so that a search finds it.
const HANDLER: &str =
    r#"() { /bin/echo "handler: $*" >/dev/null; echo "$*" >>$HOME/handler.log; return 127; }"#;

const INTERCEPTORS: &[Interceptor] = &[
    Interceptor {
        name: "exec_zsh_with_a_command_not_found_handler",
        install: "echo 'exec zsh' >.bashrc; echo 'command_not_found_handlerHANDLER' >.zshenv",
        shell: None,
        names: RC_FILE,
    },
    Interceptor {
        name: "exec_zsh_with_debians_command_not_found",
        install: "echo '[ -x /usr/bin/zsh ] && exec /usr/bin/zsh -l' >.bashrc\n\
            cat >command-not-found <<'END'\n#!/bin/sh\n/bin/sleep 0.05\necho \"$*\" >>$HOME/handler.log\nexit 127\nEND\n\
            chmod 755 command-not-found\n\
            echo 'function command_not_found_handler { $HOME/command-not-found -- ${1+\"$1\"} && :; }' >.zshenv",
        shell: None,
        names: RC_FILE,
    },
    Interceptor {
        name: "exec_bash_norc",
        install: "echo 'exec bash --norc' >.bashrc",
        shell: None,
        names: RC_FILE,
    },
    Interceptor {
        name: "exec_bash_as_a_login_shell",
        install: "echo '[ -n \"$Z\" ] || { export Z=1; exec bash -l; }' >.bashrc\n\
            echo 'command_not_found_handleHANDLER' >.bash_profile",
        shell: None,
        names: RC_FILE,
    },
    Interceptor {
        name: "exec_zsh_that_traces",
        install: "echo 'exec zsh 2>>$HOME/trace.log' >.bashrc; echo 'set -x' >.zshenv",
        shell: None,
        names: RC_FILE,
    },
    Interceptor {
        name: "exec_dash",
        install: "echo 'exec dash -x 2>>$HOME/trace.log' >.bashrc",
        shell: None,
        names: RC_FILE,
    },
    Interceptor {
        name: "zshenv_that_starts_bash",
        install: "echo 'exec bash -xi 2>>$HOME/trace.log' >.zshenv",
        shell: Some("/bin/zsh"),
        names: RC_FILE,
    },
    Interceptor {
        name: "an_rc_file_that_records_the_session",
        install: "echo '[ -n \"$T\" ] || { export T=1; exec script -q -f $HOME/typescript; }' >.bashrc",
        shell: None,
        names: RC_FILE,
    },
    Interceptor {
        name: "an_rc_file_that_asks",
        install: "printf '%s\\n' 'read -p \"module? \" m' 'echo \"you said $m\" >>$HOME/said.log' >.bashrc",
        shell: None,
        names: RC_FILE,
    },
    Interceptor {
        name: "an_rc_file_that_asks_until_the_end",
        install: "echo 'cat >>$HOME/said.log' >.bashrc",
        shell: None,
        names: RC_FILE,
    },
    Interceptor {
        name: "a_forced_command_that_keeps_its_input",
        install: "sed -i 's/^/command=\"cat >got\" /' .ssh/authorized_keys",
        shell: None,
        names: FORCED,
    },
    Interceptor {
        name: "a_forced_command_that_gives_everything_back",
        install: "cat >mirror <<'END'\n#!/bin/sh\n\
            echo \"$SSH_ORIGINAL_COMMAND\"\nprintf '%s\\n' \"$SSH_ORIGINAL_COMMAND\" | tr \";\" \"\\n\"\nexec tee got\nEND\n\
            chmod 755 mirror\nsed -i 's/^/command=\"~\\/mirror\" /' .ssh/authorized_keys",
        shell: None,
        names: FORCED,
    },
    Interceptor {
        name: "a_forced_command_that_takes_a_backup_and_succeeds",
        install: "sed -i 's/^/command=\"timeout 1 cat >got; exit 0\" /' .ssh/authorized_keys",
        shell: None,
        names: FORCED,
    },
    Interceptor {
        name: "cat_as_login_shell",
        install: "printf '#!/bin/sh\\nexec cat >>got\\n' >shell; chmod 755 shell",
        shell: Some("HOME/shell"),
        names: SHELL,
    },
    Interceptor { name: "bin_cat_as_login_shell", install: ":", shell: Some("/bin/cat"), names: SHELL },
    Interceptor {
        name: "a_captive_shell",
        install: "cat >shell <<'END'\n#!/bin/sh\necho \"--- UNKNOW OPTION: $1 ---\"\necho 'Usage: mysecureshell'\n\
            timeout 1 cat >>got\nexit 0\nEND\nchmod 755 shell",
        shell: Some("HOME/shell"),
        names: &["UNKNOW OPTION", "login shell"],
    },
    Interceptor {
        name: "a_captive_shell_that_repeats_the_command",
        install: "cat >shell <<'END'\n#!/bin/sh\nshift\nprintf 'unknown command: %s\\n' \"$@\"\n\
            timeout 1 cat >>got\nexit 0\nEND\nchmod 755 shell",
        shell: Some("HOME/shell"),
        names: &["unknown command", "login shell"],
    },
    Interceptor { name: "nologin", install: ":", shell: Some("/usr/sbin/nologin"), names: SHELL },
];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = tests::cases![
        an_rc_file_that_asks_for_a_second_gets_no_answer,
        the_witness_sees_what_is_there,
        the_witness_sees_what_a_process_is_given
    ];
    for interceptor in INTERCEPTORS {
        let case = move |rig: &Rig| receives_nothing(rig, interceptor);
        cases.push(Case::new(interceptor.name, case));
    }
    cases
}

/// A person whose login on this machine is newer than the one on the host, and pretty-printed, as Codex writes it.
fn with_an_older_login(rig: &Rig) -> (Person<'_>, AuthFile) {
    let person = rig.person(1);
    person.ends(&["deploy", "--no-proof", "--backup", "box0"], 0);
    let newer = person.renews(Duration::from_secs(60));
    (person, newer)
}

fn receives_nothing(rig: &Rig, interceptor: &Interceptor) {
    let (person, newer) = with_an_older_login(rig);
    // A login that `rollback` would restore.
    person.there("cp -p .codex/auth.json .codex/auth.json.before");
    let account = person.account();
    person.there(&interceptor.install.replace("HANDLER", HANDLER));
    if let Some(shell) = interceptor.shell {
        let shell = shell.replace("HOME", &account.home);
        rig.root(&format!("usermod -s {shell} {} 2>/dev/null", account.name));
    }
    let home = format!("{}/.codex", account.home);
    let before = person.account().tree_of(&home);
    let witness = Witness::of(rig, &[&person.login, &newer]);
    let allowed = [format!("{home}/auth.json"), format!("{home}/auth.json.before")];
    let allowed = [allowed[0].as_str(), &allowed[1]];

    let compact: Value = serde_json::from_slice(newer.bytes().expose()).unwrap();
    let deploy: &[&str] = &["deploy", "box0"];
    let dry_run: &[&str] = &["deploy", "--dry-run", "box0"];
    for (form, text) in
        [("compact", compact.to_string().into_bytes()), ("pretty", newer.bytes().expose().to_vec())]
    {
        person.write(".codex/auth.json", &text);
        // A dry run sends neither form.
        let verbs = if form == "compact" { vec![deploy] } else { vec![deploy, dry_run] };
        for verb in verbs {
            let what = format!("{verb:?} of a {form} login");
            let said = person.says(&[verb, &["--timeout", "4", "--format", "json"]].concat());
            witness.sees_nothing(&allowed, &what);
            assert_eq!(person.account().tree_of(&home), before, "{what}");
            let message = nothing_was_sent(&said, &what);
            let is_named = interceptor.names.iter().any(|name| message.contains(name));
            assert!(is_named, "{what}: none of {:?} is in: {message}", interceptor.names);
        }
    }
    for verb in ["doctor", "rollback", "login"] {
        let (status, stdout, stderr) = person.says(&[verb, "--timeout", "4", "box0"]);
        assert_eq!(status, 1, "{verb}: {stdout}{stderr}");
        witness.sees_nothing(&allowed, verb);
        assert_eq!(person.account().tree_of(&home), before, "{verb}: {stdout}{stderr}");
    }
    tests::running::nothing(rig.container(), account, false);
}

/// Checks that a call failed because our script did not answer, and that it said that nothing was sent. Returns the message.
fn nothing_was_sent((status, stdout, stderr): &(i32, String, String), what: &str) -> String {
    let value: Value = serde_json::from_str(stdout).unwrap();
    let error = &value["hosts"][0]["error"];
    assert_eq!((*status, &error["code"]), (1, &"no-reply".into()), "{what}: {stdout}{stderr}");
    has(error["state"].as_str().unwrap(), &["nothing was sent, and no file was changed"]);
    in_full(error)
}

/// Such an rc file is no obstacle, because our script runs after it. But it must find nothing to read when it asks.
fn an_rc_file_that_asks_for_a_second_gets_no_answer(rig: &Rig) {
    let (person, newer) = with_an_older_login(rig);
    let witness = Witness::of(rig, &[&newer]);
    person.there(
        "printf '%s\\n' 'IFS= read -r -t 1 -d \"\" m' 'printf \"you said %s\\n\" \"$m\" >>$HOME/said.log' >.bashrc",
    );
    let compact: Value = serde_json::from_slice(newer.bytes().expose()).unwrap();
    person.write(".codex/auth.json", compact.to_string().as_bytes());
    let (status, stdout, stderr) = person.says(&["deploy", "--no-proof", "--timeout", "20", "box0"]);
    witness.sees_nothing(&["/.codex/auth.json"], "a deploy past an rc file that asks");
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(person.there("cat said.log").contains("you said \n"));
}

/// If the witness saw nothing, every test above would pass.
fn the_witness_sees_what_is_there(rig: &Rig) {
    let (person, newer) = with_an_older_login(rig);
    let witness = Witness::of(rig, &[&newer]);
    assert_eq!(witness.sees(&[]), Vec::<String>::new());
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    let path = format!("{}/.codex/auth.json", person.account().home);
    assert_eq!(witness.sees(&[]), [path]);
    assert_eq!(witness.sees(&["/.codex/auth.json"]), Vec::<String>::new());
    witness.sees_nothing(&["/.codex/auth.json"], "a deploy");
}

/// The same for arguments. The suite's own leak scanner does not know this login, because it would fail the suite otherwise.
fn the_witness_sees_what_a_process_is_given(rig: &Rig) {
    let minted = chatgpt(Claims { expires_at: 4_102_444_800, last_refresh: SystemTime::now() });
    let login = AuthFile::from_bytes(minted.file.expose()).unwrap();
    let witness = Witness::of(rig, &[&login]);
    assert!(!witness.processes_have_it());
    let text = String::from_utf8(login.bytes().expose().to_vec()).unwrap();
    rig.root(&format!("sh -c 'sleep 1; :' '{text}'"));
    assert!(witness.processes_have_it());
    assert!(!Witness::of(rig, &[&login]).processes_have_it(), "it looks at what came before it");
}
