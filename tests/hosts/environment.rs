//! Variables that an account exports change what its tools print. They must not mislead any command.

use std::time::Duration;

use tests::Rig;

use crate::Case;

/// Lines of an rc file.
const EXPORTED: &[(&str, &str)] = &[
    ("quoting_style_c", "export QUOTING_STYLE=c"),
    ("quoting_style_locale", "export QUOTING_STYLE=locale"),
    ("quoting_style_shell", "export QUOTING_STYLE=shell-always"),
    ("block_size_human", "export BLOCK_SIZE=human-readable"),
    ("block_size_1m", "export BLOCK_SIZE=1M"),
    ("ls_block_size", "export LS_BLOCK_SIZE=human-readable"),
    ("df_block_size", "export DF_BLOCK_SIZE=1M BLOCKSIZE=1M DU_BLOCK_SIZE=human-readable"),
    ("time_style", "export TIME_STYLE='+%s of %Y extra words'"),
    ("posixly_correct", "export POSIXLY_CORRECT=1"),
    ("language", "export LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 LANGUAGE=de 2>/dev/null"),
    ("time_zone", "export TZ=Asia/Tokyo"),
    ("narrow_terminal", "export COLUMNS=5 LINES=2 TERM=nonsense"),
    ("colours", "export CLICOLOR_FORCE=1 LS_COLORS='di=1;31' GREP_COLORS='mt=1;31'"),
    ("grep_options", "export GREP_OPTIONS='--color=always -v'"),
    ("cdpath", "export CDPATH=/tmp:/"),
    ("temporary_folder", "export TMPDIR=/no/such/folder"),
    ("separators", "export IFS=/0123456789"),
    (
        "files_that_shells_read",
        "echo 'echo noise; cd /' >~/noise; export ENV=$HOME/noise BASH_ENV=$HOME/noise",
    ),
    ("a_library_that_is_missing", "export LD_PRELOAD=/no/such/library.so 2>/dev/null"),
    ("shell_options", "export SHELLOPTS; set -o noglob"),
    ("strict_shell", "set -eu; export SHELLOPTS"),
    (
        "functions",
        "for tool in ls stat mv head; do eval \"$tool() { echo noise; command $tool \\\"\\$@\\\"; }\"; export -f $tool; done",
    ),
    (
        "our_own_names",
        "export mark=x path=/tmp/x home=/tmp new=/tmp/y size=1 sha256=0 force=yes dry=no codex=/bin/true",
    ),
];

/// Those that mean more to bash than to other shells. The others change what tools print, whatever `sh` is.
const ONLY_IN_BASH: &[&str] = &["files_that_shells_read", "shell_options", "strict_shell", "functions"];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for sh in ["/bin/dash", "/bin/bash"] {
        let name = sh.rsplit('/').next().unwrap_or(sh);
        for (what, line) in EXPORTED {
            let case = move |rig: &Rig| works(rig, line, sh);
            let is_on_every_change = name == "dash" || ONLY_IN_BASH.contains(what);
            cases.push(Case::new(format!("{what}::sh_is_{name}"), case).weekly_if(!is_on_every_change));
        }
    }
    cases
}

/// Every command does its work.
fn works(rig: &Rig, line: &str, sh: &str) {
    let person = rig.person(1);
    person.there(&format!(
        "mkdir first; ln -s {sh} first/sh\ncat >.bashrc <<'END'\nPATH=$HOME/first:$PATH\n{line}\nEND"
    ));
    let older = person.login.bytes().sha256();
    person.ends(&["deploy", "--no-proof", "--dry-run", "box0"], 0);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    assert_eq!(person.remote_digest(0), older);
    let newer = person.renews(Duration::from_secs(60));
    let host = person.json(&["deploy", "--no-proof", "--backup", "box0"], 0);
    assert_eq!((&host["mode"], &host["size"]), (&"0600".into(), &newer.bytes().len().into()), "{host}");
    assert_eq!(person.remote_digest(0), newer.bytes().sha256());
    let again = person.json(&["deploy", "--no-proof", "box0"], 0);
    assert_eq!(again["result"], "already-there", "{again}");
    let host = person.json(&["rollback", "box0"], 0);
    assert_eq!(host["mode"], "0600", "{host}");
    assert_eq!(person.remote_digest(0), older);
    // The freshness guard reads the login on the host.
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    person.write(".codex/auth.json", person.login.bytes().expose());
    let host = person.json(&["deploy", "--strict", "--no-proof", "box0"], 1);
    assert_eq!(host["error"]["code"], "remote-is-fresher", "{host}");
    let (status, stdout, stderr) = person.says(&["doctor", "box0"]);
    assert!(status == 0 || stdout.contains("auth.json"), "{stdout}{stderr}");
}
