//! The steps of all checks as a person would script them: one `docker`, `ssh` or `scp` process for each.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::run::check::{Check, Kind};
use crate::run::plan::{Plan, knowledge};
use crate::run::{Runner, TestEnvironment};
use crate::target::{Container, RigProblem, write_private};
use codex_remote_auth::codex::quote;
use codex_remote_auth::lessons::{Action, StdinKind, Step};

/// Writes a shell script that does what the checks do, on a container that it starts and removes itself.
///
/// Where a check deploys, the script does what the guide does: make the directory, copy, look, run codex.
///
/// # Errors
/// [`RigProblem::Accounts`] where a file cannot be written.
pub fn shell_script(
    test_environment: &TestEnvironment,
    container: &Container<'_>,
    runner: &Runner<'_>,
    checks: &[Check<'_>],
) -> Result<PathBuf, RigProblem> {
    let failed = |error: std::io::Error| RigProblem::Accounts { reason: error.to_string() };
    let folder = test_environment.folder().join("script");
    std::fs::create_dir(&folder).map_err(failed)?;
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        write_private(&path, bytes).map(|()| path)
    };
    let key = write("key", container.client_key().private.expose()).map_err(failed)?;
    write("key.pub", format!("{}\n", container.client_key().public).as_bytes()).map_err(failed)?;
    let config = format!(
        "Host *\n  IdentityFile {}\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n  \
         BatchMode yes\n  Port 22222\n",
        key.display()
    );
    write("config", config.as_bytes()).map_err(failed)?;

    let mut text = beginning(test_environment, &folder);
    for (number, check) in checks.iter().enumerate() {
        let plan = runner.plan(check);
        let accounts: Vec<_> = plan.accounts().cloned().collect();
        let archive = format!("{number}.tar");
        write(&archive, &container.archive(&accounts, &knowledge([&plan]))?).map_err(failed)?;
        let login = format!("{number}.json");
        write(&login, &plan.login.bytes().unwrap_or_default()).map_err(failed)?;
        let _ = writeln!(text, "\n# {}", check.id());
        let _ = writeln!(text, "docker exec -i \"$box\" rig-accounts <{archive}");
        steps(&mut text, check, &plan, &login);
    }
    text.push_str("docker rm -f \"$box\" >/dev/null\n");
    write("run.sh", text.as_bytes()).map_err(failed)
}

fn beginning(test_environment: &TestEnvironment, folder: &Path) -> String {
    let programs = test_environment.programs().display();
    format!(
        "cd {}\nssh-keygen -q -t ed25519 -N '' -f host <<<y >/dev/null\n\
         box=$(docker create --cap-add SYS_PTRACE {} --tmpfs /home:rw,exec,mode=0755 --tmpfs /run:rw,exec,mode=0755 \
         --tmpfs /tmp:rw,exec,mode=0755 -v {programs}/codex:/opt/codex-under-test/codex:ro \
         -v {programs}/fake-cloud:/opt/rig/fake-cloud:ro {})\n\
         docker cp host \"$box\":/opt/rig/ssh_host_ed25519_key\n\
         docker cp key.pub \"$box\":/opt/rig/rig_authorized_keys\n\
         docker start \"$box\" >/dev/null\n\
         at=$(docker inspect -f '{{{{range .NetworkSettings.Networks}}}}{{{{.IPAddress}}}}{{{{end}}}}' \"$box\")\n\
         until timeout 1 bash -c \"echo >/dev/tcp/$at/22222\" 2>/dev/null; do sleep 0.05; done\n",
        quote(&folder.to_string_lossy()),
        test_environment
            .labels()
            .iter()
            .map(|(name, value)| format!("--label {name}={value}"))
            .collect::<Vec<_>>()
            .join(" "),
        test_environment.image()
    )
}

fn steps(text: &mut String, check: &Check<'_>, plan: &Plan, login: &str) {
    let remote = &plan.remote.0.name;
    let ask = |path: &str| {
        format!("ssh -F config {remote}@$at {}", quote(&format!("ls -la {path}; sha256sum {path}")))
    };
    match check.kind {
        Kind::Smoke(test) => {
            let _ = writeln!(text, "ls -la {login}");
            if test.id != "smoke-1" {
                deploy(text, remote, login);
            }
            if test.id == "smoke-7" {
                let hang = "codex exec --skip-git-repo-check \"Say: done\"";
                let _ =
                    writeln!(text, "timeout 0.4 ssh -F config {remote}@$at {} < <(sleep 0.5)", quote(hang));
            }
        }
        Kind::Call(call) => lesson_step(text, &call.step(), plan, login),
        Kind::Lesson(lesson) => {
            for (_, step) in lesson.steps() {
                lesson_step(text, step, plan, login);
                let paths = step.expect.iter().flat_map(|expect| &expect.files);
                if let Some(file) = paths.map(|file| &file.path).next() {
                    let _ = writeln!(text, "{}", ask(file));
                }
            }
        }
    }
}

fn lesson_step(text: &mut String, step: &Step, plan: &Plan, login: &str) {
    let remote = &plan.remote.0.name;
    let (account, line) = match &step.action {
        Action::Deploy(_) => return deploy(text, remote, login),
        Action::Run(line) => (remote, line.clone()),
        Action::Local(line) => {
            let local = plan.local.as_ref().map_or(remote, |(account, _)| &account.name);
            (local, line.replace("user@host", &format!("{remote}@host")))
        }
    };
    let call = format!("ssh -F config {account}@$at {}", quote(line.trim()));
    let _ = match step.stdin {
        StdinKind::Closed => writeln!(text, "{call} </dev/null"),
        StdinKind::Open => writeln!(text, "timeout {0} {call} < <(sleep {0})", step.deadline.min(1.0)),
    };
}

fn deploy(text: &mut String, remote: &str, login: &str) {
    let _ = writeln!(text, "ssh -F config {remote}@$at 'mkdir -p ~/.codex' </dev/null");
    let _ = writeln!(text, "scp -q -F config {login} {remote}@$at:.codex/auth.json");
    let _ = writeln!(text, "ssh -F config {remote}@$at 'ls -la ~/.codex/auth.json' </dev/null");
    let exec = "codex exec --skip-git-repo-check \"Respond: OK\"";
    let _ = writeln!(text, "ssh -F config {remote}@$at {} </dev/null", quote(exec));
}
