//! The attacker in these trials: a program of another account on the host, which watches and plants files. See `planter.pl`.

use std::time::Duration;

use tests::running::within;

const PROGRAM: &str = include_str!("planter.pl");

/// How long it may take to notice something on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running attacker. Dropping this ends it.
pub(crate) struct Planter<'r> {
    rig: &'r Rig,
    pid: u32,
    /// The folder with what it received.
    loot: String,
    home: String,
    victim: u32,
    kind: &'static str,
}

impl<'r> Planter<'r> {
    /// Starts an attack by the second account on the Codex home of the first one.
    pub(crate) fn starts(person: &Person<'r>, kind: &str) -> Self {
        let rig = person.rig;
        let (victim, attacker) = (person.account(), &person.accounts[1]);
        let home = format!("{}/.codex", victim.home);
        let loot = format!("{}/loot-{kind}", attacker.home);
        // Written as a file, since other trials need the only session that root has.
        let started = rig.root(&format!(
            "set -e\nmkdir -m 777 {loot} {loot}/folder\n: >{loot}/file\nchmod 666 {loot}/file\n\
             mknod -m 666 {loot}/device c 1 3\nchown -R {name} {loot}\n\
             cat >{loot}/planter.pl <<'END'\n{PROGRAM}\nEND\n\
             setsid setpriv --reuid {uid} --regid codex-on-path --clear-groups \
             perl {loot}/planter.pl {home} {victim} {kind} {loot} >{loot}/said 2>&1 </dev/null &\necho $!",
            name = attacker.name,
            uid = attacker.uid,
            victim = victim.uid,
        ));
        let kind = KINDS.iter().find(|known| **known == kind).unwrap();
        let pid = started.trim().parse().unwrap();
        let planter = Self { rig, pid, loot, home, victim: victim.uid, kind };
        let is_ready = within(PATIENCE, || !planter.has("ready").is_empty());
        assert!(is_ready, "the attacker did not start: {}", planter.has("said"));
        planter
    }

    /// Checks that the attacker sees a command line of its victim, plants in the home, and receives what is written to a pipe in
    /// it. An attacker that cannot attack would prove nothing.
    pub(crate) fn is_able(&self) {
        let Self { rig, home, victim, kind, .. } = self;
        let name = format!("{home}/.auth.json.cra-decoy");
        let decoy = rig.root(&format!(
            "setsid setpriv --reuid {victim} --regid codex-on-path --clear-groups sh -c 'sleep 60; :' cra-decoy \
             >/dev/null 2>&1 </dev/null &\necho $!"
        ));
        let is_planted = within(PATIENCE, || self.has("planted").contains(".auth.json.cra-decoy\n"));
        rig.root(&format!("kill -TERM -{} || :", decoy.trim()));
        assert!(is_planted, "{kind}: nothing was planted: {}{}", self.has("denied"), self.has("said"));
        if *kind == "fifo" {
            rig.root(&format!("echo an offering >{name}"));
            let is_got = within(PATIENCE, || self.has("got").contains("an offering"));
            assert!(is_got, "what was written to the pipe did not arrive");
        }
        // It plants under several names, one after the other.
        self.settles();
        rig.root(&format!("rm -rf {home}/*cra-decoy* {home}/.*cra-decoy*"));
    }

    /// Waits until the attacker has checked everything once more. It must still be running.
    pub(crate) fn settles(&self) {
        let before = self.has("rounds").len();
        self.rig.root(&format!("kill -USR1 {}", self.pid));
        let is_done = within(PATIENCE, || self.has("rounds").len() > before);
        assert!(is_done, "the attacker has ended: {}", self.has("said"));
    }

    fn has(&self, file: &str) -> String {
        self.rig.root(&format!("cat {}/{file} 2>/dev/null || :", self.loot))
    }
}

impl Drop for Planter<'_> {
    fn drop(&mut self) {
        let _ = self.rig.container().as_root(&format!("kill {}", self.pid), b"");
    }
}

const KINDS: &[&str] = &[
    "fifo",
    "device",
    "link-to-file",
    "link-to-directory",
    "link-to-nothing",
    "hard-link",
    "directory",
    "reader",
];
use tests::Rig;
use tests::person::Person;
