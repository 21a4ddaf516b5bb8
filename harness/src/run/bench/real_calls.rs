//! What real releases take of memory.

use std::time::Duration;

use crate::cloud::Knowledge;
use crate::run::TestEnvironment;
use crate::target::{AccountSpec, CodexUnderTest, RigProblem};
use codex_remote_auth::ssh::{Deadline, Stdin};

/// Reads the high-water mark of a call of codex for as long as it runs. It ends at the login, which is not there; by then
/// everything is loaded.
const WATCH: &str = "codex exec --skip-git-repo-check hi </dev/null >/dev/null 2>&1 & p=$!; m=0
while kill -0 $p 2>/dev/null; do k=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$p/status 2>/dev/null)
[ ${k:-0} -gt $m ] && m=$k; done; echo $m";

const CALL: Duration = Duration::from_secs(30);

/// The most memory that one call of this codex has at a time, in KiB.
///
/// # Errors
/// Any [`RigProblem`].
pub fn memory_of_a_call(
    test_environment: &TestEnvironment,
    codex: &CodexUnderTest,
) -> Result<u64, RigProblem> {
    let container = test_environment.container_with(codex)?;
    let account = container.reserve();
    let spec = AccountSpec { shell: "/bin/bash".to_owned(), codex_on_path: true, ..AccountSpec::default() };
    container.create(&[(account.clone(), spec)], &Knowledge::default())?;
    let session = container.session(&account, CALL).map_err(|problem| RigProblem::Died { problem })?;
    let output = session
        .run(WATCH, Stdin::Closed, Deadline::after(CALL))
        .map_err(|problem| RigProblem::Died { problem })?;
    drop(session);
    container.stop()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match said.parse() {
        Ok(kib) if kib > 0 => Ok(kib),
        _ => Err(RigProblem::Accounts { reason: format!("the watch over a call said: {said}") }),
    }
}
