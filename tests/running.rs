//! Checks whether any process of an account is still running.

use std::time::{Duration, Instant};

use harness::target::{Account, Container};

/// Checks that, before long, no process of the account is running any more. With `sshd_too` that includes sshd's part: a command
/// that sshd received but did not start will not start any more.
pub fn nothing(container: &Container<'_>, account: &Account, sshd_too: bool) {
    let mut left = Vec::new();
    // Looks several times, because a single look can miss the moment between two programs, or one that starts during the look.
    let mut empty_looks = 0;
    let none = within(Duration::from_secs(10), || {
        left = processes(container, account);
        left.retain(|line| sshd_too || !line.starts_with("sshd:"));
        empty_looks = if left.is_empty() { empty_looks + 1 } else { 0 };
        empty_looks == 4
    });
    assert!(none, "still running on the host: {left:?}");
}

/// The command lines of the account's processes. sshd's part runs as root until some time after authentication, but shows the
/// account's name.
pub fn processes(container: &Container<'_>, account: &Account) -> Vec<String> {
    let script = format!(
        "for p in $(find /proc -maxdepth 1 -uid {uid} -name '[0-9]*') \
             $(grep -ls '^sshd: {name} ' /proc/[0-9]*/cmdline); do\n\
           p=${{p%/cmdline}}\n\
           line=$(tr '\\0' ' ' <$p/cmdline) || continue\n\
           case $line in '') ;; *) printf '%s\\n' \"$line\" | head -c 200 ;; esac\n\
         done 2>/dev/null; :",
        uid = account.uid,
        name = account.name,
    );
    let output = container.as_root("sh -s", script.as_bytes()).unwrap_or_else(|problem| panic!("{problem}"));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// Whether something becomes true within a time limit.
pub fn within(time: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    loop {
        if holds() {
            return true;
        }
        if began.elapsed() > time {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
