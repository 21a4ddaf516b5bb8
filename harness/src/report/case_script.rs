//! A lesson as a shell script that anyone can run against an account of their own, without the harness.

use std::fmt::Write as _;

use codex_remote_auth::codex::quote;
use codex_remote_auth::lessons::{
    Action, CodexAt, DeployStep, Expect, GivenFile, Lesson, LoginKind, Shell, StdinKind, Step,
};

use super::catalogue::{expectation, servers};

/// The script. It needs `ssh`, and an account for tests on a host that has codex.
pub fn case_script(lesson: &Lesson) -> String {
    let id = &lesson.id;
    let mut text = format!("#!/bin/sh\n# {id}: {}\n#\n", lesson.title);
    for (head, value) in [("Symptom", &lesson.symptom), ("Cause", &lesson.cause), ("Fix", &lesson.fix)] {
        let _ = writeln!(text, "# {head}: {}", in_a_comment(value));
    }
    let needs_login = needs_login(lesson);
    let usage = if needs_login { "USER@HOST AUTH_JSON" } else { "USER@HOST" };
    let _ = writeln!(
        text,
        "#\n# Usage: sh {id}.sh {usage}\n#\n# It writes into the home of USER on HOST. Use an account that is only for tests."
    );
    if needs_login {
        let _ = writeln!(text, "# AUTH_JSON is a login that you may lose.");
    }
    let given = &lesson.given;
    if given.shell != Shell::Bash {
        let _ = writeln!(text, "# The account's login shell is {}.", given.shell.path());
    }
    text.push_str(match given.codex {
        CodexAt::Path => "# codex is on the PATH of commands over SSH.\n",
        CodexAt::Symlinks => "# codex is in ~/symlinks, which only a startup file puts on the PATH.\n",
        CodexAt::Nowhere => "# codex is not installed there.\n",
    });
    text.push_str("set -u\n");
    let _ = writeln!(text, "host=${{1:?usage: sh {id}.sh {usage}}}");
    if needs_login {
        let _ = writeln!(text, "login=${{2:?usage: sh {id}.sh {usage}}}");
    }
    text.push_str(
        "ssh \"$host\" '[ ! -e ~/.codex ]' </dev/null || {\n  echo \"$host has a ~/.codex already, or cannot be reached: use an account for tests\" >&2\n  exit 1\n}\n",
    );
    if lesson.needs_local_machine() {
        text.push_str(
            "# The home of the machine that deploys. In commands, `remote` has to be an alias of this host for ssh.\n\
             here=$(mktemp -d)\ntrap 'rm -rf \"$here\"' EXIT\n",
        );
    }

    text.push_str("\n# Given\n");
    if let Some(login) = login(given.remote_login) {
        let _ = writeln!(
            text,
            "# The login of the host is {login}.\nssh \"$host\" 'umask 077; mkdir -p ~/.codex; cat >~/.codex/auth.json' <\"$login\""
        );
    }
    for file in &given.files {
        let _ = writeln!(text, "ssh \"$host\" {}", put(file));
    }
    if lesson.needs_local_machine() {
        if let Some(login) = login(given.login) {
            let _ = writeln!(
                text,
                "# The login here is {login}.\n(umask 077; mkdir -p \"$here/.codex\"; cat <\"$login\" >\"$here/.codex/auth.json\")"
            );
        }
        for file in &given.local_files {
            let _ = writeln!(text, "env -C \"$here\" HOME=\"$here\" sh -c {}", put(file));
        }
    }
    for (heading, each) in lesson.headed_steps() {
        let _ = writeln!(text, "\n# {heading}");
        for expect in &each.expect {
            let _ = writeln!(
                text,
                "#   expected{}: {}",
                releases(expect),
                in_a_comment(&(expectation(expect) + &servers(expect)))
            );
        }
        let _ = writeln!(text, "{}\necho \"[exit $?]\"", step(each));
    }
    text
}

fn needs_login(lesson: &Lesson) -> bool {
    let given = &lesson.given;
    let deploys = lesson.steps().any(|(_, step)| matches!(step.action, Action::Deploy(_)));
    deploys
        || login(given.remote_login).is_some()
        || (lesson.needs_local_machine() && login(given.login).is_some())
}

/// What kind of login it has to be, in words. `None` if there is none.
fn login(kind: LoginKind) -> Option<&'static str> {
    Some(match kind {
        LoginKind::None => return None,
        LoginKind::Chatgpt => "a good ChatGPT login",
        LoginKind::ApiKey => "an API key",
        LoginKind::Expired => "a ChatGPT login that has expired, and was refreshed elsewhere",
        LoginKind::Renewable => "a ChatGPT login that has expired, and can be refreshed",
        LoginKind::Refused => "a ChatGPT login that the service refuses",
        LoginKind::NoQuota => "a ChatGPT login whose account has no quota left",
        LoginKind::WrongRegion => "a ChatGPT login of a workspace that does not allow the host's region",
        LoginKind::WrongCountry => "a ChatGPT login, on a host in a country where the service is not offered",
        LoginKind::WrongWorkspace => "a ChatGPT login for a workspace that its account may no longer use",
        LoginKind::Challenged => "a ChatGPT login, on a host whose address gets a page for browsers",
        LoginKind::Deactivated => "a ChatGPT login whose workspace was deactivated",
        LoginKind::Busy => "a ChatGPT login, while the service is busy",
        LoginKind::BreaksOff => "a ChatGPT login whose first answer breaks off",
        LoginKind::Fresher => "a ChatGPT login that was refreshed later than the other one",
        LoginKind::Claude => "a login of Claude Code (in ~/.claude/.credentials.json)",
        LoginKind::ClaudeCutShort => "half of a login of Claude Code (in ~/.claude/.credentials.json)",
        LoginKind::NoCredential => "a file with {\"OPENAI_API_KEY\": null}",
        LoginKind::NoAccessToken => "a ChatGPT login without its access_token",
        LoginKind::CutShort => "half of a login",
        LoginKind::NotJson => "a text that is not JSON",
        LoginKind::NoRefreshToken => "a ChatGPT login that has expired, with an empty refresh_token",
        LoginKind::Utf16 => "a login in UTF-16",
        LoginKind::Empty => "an empty file",
        LoginKind::ByteOrderMark => "a login after a byte order mark",
        LoginKind::Padded => "a login with 20,000 blanks at its end",
        LoginKind::TooLarge => "a file of more than 1 MiB",
        LoginKind::Directory => "a folder of that name",
        LoginKind::Unreadable => "a good login with mode 000",
    })
}

/// The command that puts a file into the home of the account that runs it, as one word for a shell.
fn put(file: &GivenFile) -> String {
    let path = quote(&file.path);
    let folder = file.path.rsplit_once('/').map(|(folder, _)| format!("mkdir -p {}; ", quote(folder)));
    let folder = folder.unwrap_or_default();
    let mode = file.mode.as_ref().map(|mode| format!("; chmod {mode} {path}")).unwrap_or_default();
    // The home is known only there.
    let home = |text: &str| quote(text).replace("@HOME@", "'\"$HOME\"'");
    let command = match (&file.link, file.directory) {
        (Some(to), _) => format!("ln -s {} {path}", home(to)),
        (None, true) => format!("mkdir -p {path}{mode}"),
        (None, false) => format!("printf %s {} >{path}{mode}", home(&file.text)),
    };
    quote(&format!("{folder}{command}"))
}

fn step(step: &Step) -> String {
    let call = match &step.action {
        Action::Deploy(options) => return deploy(options),
        Action::Run(line) => format!("ssh \"$host\" {}", quote(line.trim())),
        Action::Local(line) => {
            let line = line.trim().replace("user@host", "\"$host\"");
            format!("env -C \"$here\" HOME=\"$here\" host=\"$host\" sh -c {}", quote(&line))
        }
    };
    match step.stdin {
        StdinKind::Closed => format!("{call} </dev/null"),
        // A pipe that nothing is written to.
        StdinKind::Open => format!("sleep {0} | timeout {0} {call}", step.deadline.ceil()),
    }
}

fn deploy(options: &DeployStep) -> String {
    let mut call = String::from("codex-remote-auth deploy --auth \"$login\"");
    for (given, option) in [
        (options.force, " --force"),
        (options.replace_link, " --replace-link"),
        (options.no_proof, " --no-proof"),
    ] {
        if given {
            call.push_str(option);
        }
    }
    call + " \"$host\""
}

fn releases(expect: &Expect) -> String {
    match expect.codex.to_string().as_str() {
        "*" | "" => String::new(),
        range => format!(" ({range})"),
    }
}

fn in_a_comment(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
