//! Finds logins that are visible on the host: in any file of any account, and in the arguments and environment of any process.
//!
//! Each trial has its own witness, which shows which attack saw a login.

use std::sync::atomic::{AtomicU32, Ordering};

use codex_remote_auth::auth_json::{AuthFile, Secret};
use codex_remote_auth::ssh::End;
use harness::cloud::canary;
use harness::run::LeakScanner;
use serde_json::Value;

/// The folders in which an account, a root shell or a daemon of the container can write.
const FOLDERS: &str = "/home /tmp /var/tmp /dev/shm /run /root /srv";

/// Prints every regular file in [`FOLDERS`] that has changed since the witness started: its size and name on a line, then its
/// content. Only root can set back the time of a change (ctime). Files of more than 64 MB are skipped: other trials create
/// empty ones of many gigabytes.
const PRINT_FILES: &str = r#"find FOLDERS -xdev -type f -cnewer CONTROL -size -64M ! -path /run/procwatch.log -print0 |
perl -0ne 'chomp; open F, "<", $_ or next; local $/; $text = <F> // ""; printf "%d\t%s\n%s", length $text, $_, $text'"#;

/// Where a word is kept that every search has to find. A search that does not find it has failed.
const CONTROL: &str = "/tmp/.witness-";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Looks for certain logins in everything that reaches the host after its start. It has to start before the attack.
pub(crate) struct Witness<'r> {
    rig: &'r Rig,
    leak_scanner: LeakScanner,
    control: String,
    /// The length of the log of all processes at the start.
    log: u64,
}

impl<'r> Witness<'r> {
    /// A witness that looks for these logins.
    pub(crate) fn of(rig: &'r Rig, logins: &[&AuthFile]) -> Self {
        let leak_scanner = LeakScanner::new();
        for login in logins {
            let login: Value = serde_json::from_slice(login.bytes().expose()).unwrap();
            let known = learn(&leak_scanner, &login);
            assert!(known > 0, "a login without a secret");
        }
        let word = canary();
        leak_scanner.plant_canary(Secret::new(word.as_bytes()));
        // With nextest, each trial is a process, and they share a container.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let control = format!("{CONTROL}{}-{number}", std::process::id());
        // A second earlier, since the clock of files is coarse, so that the control word itself counts as changed later.
        let script = format!(
            "echo {word} >{control}; touch -d '1 second ago' {control}; stat -c %s /run/procwatch.log"
        );
        let log = rig.root(&script).trim().parse().unwrap();
        Self { rig, leak_scanner, control, log }
    }

    /// Where the logins are, except in the files whose paths end with one of these.
    pub(crate) fn sees(&self, allowed: &[&str]) -> Vec<String> {
        let mut seen = Vec::new();
        let script = PRINT_FILES.replace("FOLDERS", FOLDERS).replace("CONTROL", &self.control);
        let output = self.rig.container().as_root("sh -s", script.as_bytes()).unwrap();
        assert_eq!(output.end, End::Exit(0), "{}", String::from_utf8_lossy(&output.stderr));
        let mut rest = &output.stdout[..];
        while let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
            let line = std::str::from_utf8(&rest[..at]).unwrap();
            let (size, path) = line.split_once('\t').unwrap();
            let (text, after) = rest[at + 1..].split_at(size.parse().unwrap());
            rest = after;
            if self.leak_scanner.look(text).is_some() {
                seen.push(path.to_owned());
            }
        }
        let is_found = seen.contains(&self.control);
        assert!(is_found, "the search for secrets does not find what it has to find");
        seen.retain(|path| *path != self.control && !allowed.iter().any(|end| path.ends_with(end)));
        seen
    }

    /// Checks that no process and no file has the logins, except the files whose paths end with one of these.
    pub(crate) fn sees_nothing(&self, allowed: &[&str], after: &str) {
        let mut seen = self.sees(allowed);
        if self.processes_have_it() {
            seen.push("the arguments or the environment of a process".to_owned());
        }
        assert!(seen.is_empty(), "{after}: the login is in {seen:?}");
    }

    /// Whether any process received one of the logins, as an argument or in its environment.
    pub(crate) fn processes_have_it(&self) -> bool {
        let log = self.rig.container().process_log_from(self.log).unwrap();
        assert!(!log.is_empty(), "the watch over processes has seen none");
        self.leak_scanner.look(&log).is_some()
    }
}

impl Drop for Witness<'_> {
    fn drop(&mut self) {
        let _ = self.rig.container().as_root(&format!("rm -f {}", self.control), b"");
    }
}

/// The last part of every long text in a login, which is the random one.
fn learn(leak_scanner: &LeakScanner, value: &Value) -> usize {
    match value {
        Value::String(text) if text.len() > 40 => {
            let random = text.rsplit('.').next().unwrap_or(text);
            let random = random.rsplit('_').next().unwrap_or(random);
            leak_scanner.plant_canary(Secret::new(&random[..random.len().min(40)]));
            1
        }
        Value::Array(values) => values.iter().map(|value| learn(leak_scanner, value)).sum(),
        Value::Object(fields) => fields.values().map(|value| learn(leak_scanner, value)).sum(),
        _ => 0,
    }
}
use tests::Rig;
