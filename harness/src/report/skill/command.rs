//! A step of a lesson as a command that a person types, and what it shows, as comments of the shell.

use super::problem::Fault;
use codex_remote_auth::codex::quote;
use codex_remote_auth::lessons::{Action, DeployStep, Expect, FileIs, StdinKind, Step};

/// The option of `codex login` that leads to the made-up cloud. A person leaves it out.
pub const FOR_THE_TEST_CLOUD: &str = " --experimental_issuer http://127.0.0.1:8790";

/// The command as a person types it on the machine that deploys, as the guide has it. `None` if the guide cannot have it.
pub fn typed(step: &Step) -> Option<String> {
    command(step).ok()
}

/// The same, with the reason.
pub(super) fn command(step: &Step) -> Result<String, Fault> {
    let text = match &step.action {
        Action::Run(line) => {
            // A terminal stays open, and so does the input of codex at the other end of ssh.
            let closed = if step.stdin == StdinKind::Closed { " </dev/null" } else { "" };
            format!("ssh remote {}{closed}", readable(line.trim()))
        }
        Action::Local(line) => line.trim().to_owned(),
        Action::Deploy(options) => deploy(options)?,
    };
    if text.lines().any(|line| line.trim().is_empty() || line.starts_with('#')) {
        return Err(Fault::new(
            "the command has an empty line or a comment, which the guide uses to tell commands apart",
            "remove it from the lesson's step",
        ));
    }
    Ok(text.replace(FOR_THE_TEST_CLOUD, ""))
}

fn deploy(options: &DeployStep) -> Result<String, Fault> {
    let DeployStep { login, force, replace_link, no_proof, program, proof_deadline } = options;
    if login.is_some() || program.is_some() || proof_deadline.is_some() {
        return Err(Fault::new(
            "the step deploys with settings that are no options of `codex-remote-auth deploy`",
            "choose another step",
        ));
    }
    let flags = [(" --force", force), (" --replace-link", replace_link), (" --no-proof", no_proof)];
    let flags: String = flags.into_iter().filter(|(_, set)| **set).map(|(flag, _)| flag).collect();
    Ok(format!("codex-remote-auth deploy{flags} remote"))
}

/// Quoted for a shell in the form that is easiest to read.
fn readable(line: &str) -> String {
    if !line.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{line}\"")
    } else if !line.contains('\'') {
        format!("'{line}'")
    } else {
        quote(line)
    }
}

/// What a step shows, as comments. `range` is named if the step shows something else on other releases.
pub(super) fn shows(step: &Step, expect: &Expect, range: Option<&str>) -> Result<String, Fault> {
    let is_deploy = matches!(step.action, Action::Deploy(_));
    if is_deploy && (expect.error.is_some() || expect.exit != Some(0)) {
        return Err(Fault::new(
            "the deploy does not succeed, and the program reports that in more ways than a lesson",
            "choose another step, and say it in words",
        ));
    }
    let end = match expect.exit {
        _ if expect.hangs => "hangs".to_owned(),
        Some(status) => format!("exit {status}"),
        None => {
            return Err(Fault::new("the step does not expect an exit status", "give it `exit` or `hangs`"));
        }
    };
    let range = range.map(|range| format!("{range}: ")).unwrap_or_default();
    let mut text = format!("# {range}{end}\n");
    let mut line = |what: &str, said: &str| text.push_str(&format!("#   {what}{said}\n"));
    if is_deploy {
        if expect.diagnosis.as_deref() == Some("works") {
            line("stdout: ", VERIFIED);
        }
    } else {
        for (stream, texts) in [("stdout: ", &expect.stdout), ("stderr: ", &expect.stderr)] {
            let texts: Vec<&str> = texts.iter().flat_map(|text| text.trim().lines()).collect();
            if !texts.is_empty() {
                line(stream, &texts.join(ELLIPSIS));
            }
        }
    }
    if expect.leaks {
        line(LEAKS, "");
    }
    for file in &expect.files {
        match (&file.mode, file.is) {
            (Some(mode), _) => line(FILE, &format!("~/{} has mode {mode}", file.path)),
            (None, FileIs::Absent) => line(FILE, &format!("~/{} does not exist", file.path)),
            (None, _) => {}
        }
    }
    Ok(text)
}

/// What `codex-remote-auth deploy` says of a login that works.
pub const VERIFIED: &str = "verified: codex answered with this login";
/// Between two texts of one output.
pub const ELLIPSIS: &str = " … ";
/// Says that an output shows a secret.
pub const LEAKS: &str = "the output shows the tokens";
/// Begins a line on a file of the remote account.
pub const FILE: &str = "afterwards, on the host: ";
