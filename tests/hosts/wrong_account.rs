//! The account's settings point to a place outside the account's own home. A login must not go there, and the problem is reported
//! before anything is sent.

use tests::Rig;
use tests::home::has;
use tests::person::Person;

use crate::Case;
use crate::witness::Witness;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_home_that_is_not_the_accounts,
        a_home_of_another_account,
        another_path_to_the_own_home_is_no_fault,
        a_codex_home_with_a_literal_tilde,
        a_codex_home_that_is_not_for_root,
    ]
}

const VERBS: &[&[&str]] =
    &[&["deploy", "--dry-run"], &["deploy", "--no-proof"], &["deploy", "--no-proof", "--force"], &["deploy"]];

/// Checks that every deploy stops with this code, names these words and says that nothing was sent, and that nothing below these
/// folders has changed.
fn stops(person: &Person<'_>, folders: &[&str], code: &str, words: &[&str]) {
    let witness = Witness::of(person.rig, &[&person.login]);
    let all = || folders.iter().map(|folder| person.account().tree_of(folder)).collect::<Vec<_>>();
    let before = all();
    for verb in VERBS {
        let (status, stdout, stderr) = person.says(&[verb, ["box0"].as_slice()].concat());
        let what = format!("{verb:?}: {stdout}{stderr}");
        assert_eq!(all(), before, "{what}");
        assert_eq!(status, 1, "{what}");
        has(&stdout, words);
        has(&stdout.to_lowercase(), &["nothing was"]);
        witness.sees_nothing(&[], &what);
    }
    person.fails(&["deploy", "--no-proof", "box0"], code, words);
    for verb in ["rollback", "login"] {
        let (status, stdout, stderr) = person.says(&[verb, "box0"]);
        let what = format!("{verb}: {stdout}{stderr}");
        assert_eq!((status, all()), (1, before.clone()), "{what}");
        has(&stdout, words);
    }
    let (status, stdout, stderr) = person.says(&["doctor", "box0"]);
    assert_eq!((status, all()), (1, before), "{stdout}{stderr}");
    has(&stdout, words);
}

fn a_home_that_is_not_the_accounts(rig: &Rig) {
    for value in ["$HOME/other", "/tmp/home-$USER", "/dev/shm", "/"] {
        let person = rig.person(1);
        let account = person.account();
        person.there(&format!(
            "mkdir -p other; install -d -o {0} /tmp/home-{0}\ncat >.bashrc <<'END'\nexport HOME={value}\nEND",
            account.name
        ));
        let seen = value.replace("$HOME", &account.home).replace("$USER", &account.name);
        stops(
            &person,
            &[&account.home, &format!("/tmp/home-{}", account.name)],
            "other-home",
            &["HOME", &seen, &account.home],
        );
    }
}

fn a_home_of_another_account(rig: &Rig) {
    let person = rig.person(2);
    let (own, other) = (person.account().home.clone(), person.accounts[1].home.clone());
    // The account can write there, and `.codex` in it would belong to the account.
    rig.root(&format!("chmod 777 {other}"));
    person.there(&format!("echo 'export HOME={other}' >.bashrc"));
    stops(&person, &[&own, &other], "other-home", &["HOME", &other, &own]);
}

/// Another spelling of the same folder, as with automounters and old installations.
fn another_path_to_the_own_home_is_no_fault(rig: &Rig) {
    for value in ["$HOME/.", "$HOME/", "//$HOME", "/srv/link-$USER"] {
        let person = rig.person(1);
        let account = person.account();
        rig.root(&format!("ln -sfn {} /srv/link-{}", account.home, account.name));
        person.there(&format!("cat >.bashrc <<'END'\nexport HOME={value}\nEND"));
        person.ends(&["deploy", "--dry-run", "box0"], 0);
        person.ends(&["deploy", "--no-proof", "box0"], 0);
        assert_eq!(person.remote_digest(0), person.login.bytes().sha256(), "{value}");
        rig.root(&format!("rm /srv/link-{}", account.name));
    }
}

/// The shell leaves it alone if it is quoted, and Codex does not expand it either.
fn a_codex_home_with_a_literal_tilde(rig: &Rig) {
    for value in ["~/.codex", "~", "~root/.codex", "~/own codex"] {
        let person = rig.person(1);
        let home = person.account().home.clone();
        person.there(&format!("mkdir .codex; echo \"export CODEX_HOME='{value}'\" >.bashrc"));
        stops(&person, &[&home], "tilde-in-codex-home", &["CODEX_HOME", &format!("`{value}`")]);
    }
}

/// Runs this as root of the host, with this Codex home.
fn as_root(rig: &Rig, person: &Person<'_>, codex_home: &str, calls: impl FnOnce()) {
    let (host, _) = rig.container().address();
    // Root can be reached only by the rig's own session, whose calls must not see the variable.
    let lines = person.read("known_hosts");
    person.know(&format!("{lines}[{host}]:2200 {}\n", rig.container().host_key_line()));
    person.configure_first("Match originalhost box0\n  User root\n  Port 2200\n");
    rig.root(&format!(
        "cp -p ~root/.bashrc ~root/.bashrc.kept\ncat >~root/.bashrc <<'END'\n\
         case $BASH_EXECUTION_STRING in sh\\ -s | rig-* | cat\\ * | rm\\ * | kill\\ *) ;;\n\
         *) export CODEX_HOME={codex_home} ;; esac\nEND"
    ));
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(calls));
    rig.root("mv ~root/.bashrc.kept ~root/.bashrc");
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Root's login would be in a folder that does not belong to root, and the service could not use it. Or the service would lose
/// its folder. The advice must not be to do that. And where a file system is read-only, no mode helps. One test, because both
/// change root's rc file.
fn a_codex_home_that_is_not_for_root(rig: &Rig) {
    let person = rig.person(1);
    let service = person.account();
    person.there("mkdir -m 700 .codex");
    let before = person.tree();
    as_root(rig, &person, &format!("{}/.codex", service.home), || {
        for verb in VERBS {
            let (status, stdout, stderr) = person.says(&[verb, ["box0"].as_slice()].concat());
            let what = format!("{verb:?}: {stdout}{stderr}");
            assert_eq!(person.tree(), before, "{what}");
            assert_eq!(status, 1, "{what}");
            has(&stdout, &[&service.home, &service.name, "othing was"]);
            assert!(!stdout.contains("Give it to the account: chown"), "the service would lose it: {what}");
        }
        let (status, stdout, stderr) = person.says(&["doctor", "box0"]);
        assert_eq!((status, person.tree()), (1, before), "{stdout}{stderr}");
        has(&stdout, &["log in as that user and deploy there"]);
        assert!(!stdout.contains("chown root"), "the service would lose it: {stdout}");
    });
    let person = rig.person(1);
    // Containers have it read-only.
    as_root(rig, &person, "/sys/kernel", || {
        let (status, stdout, stderr) = person.says(&["doctor", "box0"]);
        assert_eq!(status, 1, "{stdout}{stderr}");
        has(&stdout, &["the file system of /sys/kernel is read-only", "set CODEX_HOME on the host"]);
        assert!(!stdout.contains("chmod u+w"), "{stdout}");
        let (status, stdout, stderr) = person.says(&["deploy", "--no-proof", "box0"]);
        assert_eq!(status, 1, "{stdout}{stderr}");
        has(&stdout, &["Read-only file system", "hint: the file system is read-only: set CODEX_HOME"]);
        let (status, stdout, stderr) = person.says(&["deploy", "--dry-run", "box0"]);
        assert_eq!(status, 1, "{stdout}{stderr}");
        has(&stdout, &["could not be written on the host: the account cannot write to /sys/kernel"]);
    });
}
