//! States of the host that make a deploy fail: nothing is written, and the message says why and what to do.

use std::time::Duration;

use codex_remote_auth::auth_json::AuthFile;
use tests::Rig;
use tests::home::has;
use tests::person::Person;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_limit_on_file_sizes,
        a_directory_that_may_not_be_written_to,
        a_file_that_cannot_be_replaced,
        what_does_not_get_to_the_disk_is_not_put_in_its_place,
        a_file_system_that_cannot_sync_one_file_will_do,
        every_file_is_synced_before_it_is_moved,
        a_copy_that_is_cut_short_on_the_way,
        a_copy_that_is_changed_on_the_way,
        no_tool_that_checks_a_copy,
        a_file_that_cannot_be_kept,
        a_folder_where_the_kept_file_goes,
        a_codex_home_that_is_a_file,
        a_codex_home_of_somebody_else,
        a_codex_home_that_cannot_be_made,
        a_directory_or_a_pipe_where_the_file_goes,
        a_link_where_the_file_goes,
        an_account_without_a_home,
        a_store_that_is_not_the_file,
        a_form_of_login_that_would_be_deleted,
        a_login_of_another_account,
        an_account_that_may_not_run_commands,
        a_forced_command_is_given_nothing,
        another_program_answers_or_waits,
        a_connection_that_is_lost,
        a_script_that_does_not_come_to_its_end,
        a_script_that_is_ended_while_it_replaces,
        an_answer_that_this_version_does_not_know,
        nothing_was_sent_by_a_dry_run_that_is_lost,
        a_host_whose_name_never_resolves,
        a_login_that_cannot_be_brought_back,
        what_a_rollback_cannot_keep_is_not_lost,
        a_rollback_that_is_lost_or_not_begun,
    ]
}

/// Checks that a deploy fails with this code and these words, and leaves everything on the host unchanged.
fn refuses_with(person: &Person<'_>, more: &[&str], code: &str, words: &[impl AsRef<str>]) -> String {
    let before = person.tree();
    let said = person.fails(&[&["deploy", "--no-proof", "box0"], more].concat(), code, words);
    assert_eq!(person.tree(), before, "{said}");
    said
}

fn refuses(person: &Person<'_>, code: &str, words: &[impl AsRef<str>]) -> String {
    refuses_with(person, &[], code, words)
}

/// A person whose login on this machine is newer than the one on the host.
fn with_an_older_login_there(rig: &Rig) -> Person<'_> {
    let person = rig.person(1);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    person.renews(Duration::from_secs(60));
    person
}

const AS_IT_WAS: &str = "auth.json on the host is unchanged";
const OLD_OR_NEW: &str = "auth.json on the host is either the old file or the new one, complete";
const LOOK: &str = "to see what is on the host now";

fn a_limit_on_file_sizes(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.there("echo 'ulimit -f 1' >.bashrc");
    refuses(
        &person,
        "cannot-write",
        &["could not be written on the host: ", AS_IT_WAS, "limits of the account", "ulimit -a"],
    );
}

fn a_directory_that_may_not_be_written_to(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.there("chmod 500 .codex");
    refuses(
        &person,
        "cannot-write",
        &["ermission denied", AS_IT_WAS, "right to write", "codex-remote-auth doctor "],
    );
}

fn a_file_that_cannot_be_replaced(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.plants("mv", "echo mv: not today >&2; exit 1");
    refuses(&person, "cannot-replace", &["could not be replaced: mv: not today", "is unchanged", "lsattr"]);
}

/// Makes `sync FILE` fail with these words on the host.
fn cannot_sync(person: &Person<'_>, why: &str) {
    person.plants(
        "sync",
        &format!("[ $# = 0 ] && exit 0; echo \"sync: error syncing '$1': {why}\" >&2; exit 1"),
    );
}

fn what_does_not_get_to_the_disk_is_not_put_in_its_place(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    cannot_sync(&person, "Input/output error");
    refuses(
        &person,
        "cannot-write",
        &["sync: error syncing 'auth.json': Input/output error", AS_IT_WAS, "codex-remote-auth doctor "],
    );
}

fn a_file_system_that_cannot_sync_one_file_will_do(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    cannot_sync(&person, "Invalid argument");
    let newer = AuthFile::read(&person.path(".codex/auth.json")).unwrap();
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    person.account().has(&newer, ".codex");
}

fn every_file_is_synced_before_it_is_moved(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.plants(
        "sync",
        "[ -s \"$1\" ] && [ \"$(stat -c %a \"$1\")\" = 600 ] && echo \"$1\" >>~/synced; exec /usr/bin/sync \"$@\"",
    );
    person.ends(&["deploy", "--no-proof", "--backup", "box0"], 0);
    assert_eq!(person.account().root("cat synced"), "auth.json\nkept\n");
    person.ends(&["rollback", "box0"], 0);
    assert_eq!(person.account().root("cat synced"), "auth.json\nkept\nauth.json\nkept\n");
}

fn a_copy_that_is_cut_short_on_the_way(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    // A file is read unchanged, but what comes over the connection is shortened.
    person.plants("head", "[ -f /dev/stdin ] && exec /usr/bin/head \"$@\"; exec /usr/bin/head -c 10");
    refuses(&person, "damaged", &["did not arrive unchanged: the host got 10 bytes", AS_IT_WAS, "Try again"]);
}

fn a_copy_that_is_changed_on_the_way(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.plants("head", "[ -f /dev/stdin ] && exec /usr/bin/head \"$@\"; /usr/bin/head \"$@\" | tr a b");
    refuses(&person, "damaged", &["did not arrive unchanged: the host got SHA-256 ", AS_IT_WAS, "Try again"]);
}

fn no_tool_that_checks_a_copy(rig: &Rig) {
    let person = rig.person(1);
    person.there(
        "mkdir tools\nfor tool in sh env id wc head mkdir chmod mv rm ls cat sync sleep; do\n\
         ln -s \"$(command -v $tool)\" tools/\ndone\necho 'PATH=$HOME/tools' >.bashrc",
    );
    refuses(&person, "no-digest-tool", &["sha256sum, shasum", "nothing was sent", "Install one of them"]);
}

fn a_file_that_cannot_be_kept(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.there("chmod 000 .codex/auth.json");
    refuses(&person, "unknown-login", &["its mode does not let the account read it", "chmod 600 "]);
    person.there("MINE=.codex/auth.json; chmod 600 $MINE; chown 0:0 $MINE");
    let words = ["the account cannot read it", "nothing was changed", "with chown", "--force=unknown-login"];
    let said = refuses(&person, "unknown-login", &words);
    assert!(!said.contains("--backup"), "it could not be copied either: {said}");
    let words =
        ["could not be saved as auth.json.before", "ermission denied", AS_IT_WAS, "leave out --backup"];
    refuses_with(&person, &["--backup", "--force=unknown-login"], "cannot-back-up", &words);
    // Following the hint solves the problem.
    let (stdout, _) = person.ends(&["deploy", "--no-proof", "--force=unknown-login", "box0"], 0);
    has(&stdout, &["replaced a file that could not be read"]);
}

fn a_folder_where_the_kept_file_goes(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.there("mkdir .codex/auth.json.before");
    let words = ["could not be saved as auth.json.before", "is a directory", AS_IT_WAS, "leave out --backup"];
    refuses_with(&person, &["--backup"], "cannot-back-up", &words);
}

fn a_codex_home_that_is_a_file(rig: &Rig) {
    let person = rig.person(1);
    person.there("echo mine >.codex");
    let path = format!("`{}/.codex`", person.account().home);
    refuses(
        &person,
        "home-not-a-directory",
        &[&path, "not a directory", "nothing was sent", "Move it away", "/.codex.old"],
    );
    assert_eq!(person.account().root("cat .codex"), "mine\n");
    person.there("rm .codex; ln -s nowhere .codex");
    refuses(&person, "home-not-a-directory", &["nothing was sent"]);
}

fn a_codex_home_of_somebody_else(rig: &Rig) {
    let person = rig.person(1);
    person.there("MINE=.codex; mkdir -m 777 $MINE");
    let path = format!("`{}/.codex`", person.account().home);
    refuses(&person, "home-not-ours", &[&path, "belongs to user 0", "nothing was sent", "chown"]);
    person.account().root("chown nobody .codex");
    refuses(&person, "home-not-ours", &["nothing was sent"]);
}

fn a_codex_home_that_cannot_be_made(rig: &Rig) {
    let person = rig.person(1);
    let next = [
        "could not be created on the host: ",
        "nothing was changed",
        "create the folder and give it to the account",
        "CODEX_HOME",
    ];
    person.there("chmod 555 .");
    has(&refuses(&person, "cannot-make-directory", &next), &["ermission denied"]);
    let person = rig.person(1);
    for (folder, why) in [("/sys/codex", "Read-only file system"), ("/proc/codex", "/proc/codex")] {
        person.there(&format!("echo 'export CODEX_HOME={folder}' >.bashrc"));
        has(&refuses(&person, "cannot-make-directory", &next), &[why]);
    }
}

fn a_directory_or_a_pipe_where_the_file_goes(rig: &Rig) {
    let person = rig.person(1);
    person.there("mkdir -m 700 -p .codex/auth.json");
    let words =
        ["/.codex/auth.json` on the host is not a regular file", "not a regular file", "Move it away first"];
    refuses(&person, "auth-not-a-file-there", &words);
    person.there("rmdir .codex/auth.json; mkfifo .codex/auth.json");
    refuses(&person, "auth-not-a-file-there", &words);
}

fn a_link_where_the_file_goes(rig: &Rig) {
    let person = rig.person(1);
    person.there("mkdir -m 700 .codex; echo mine >elsewhere; ln -s ../elsewhere .codex/auth.json");
    let words = ["symbolic link", "nothing was changed", "CODEX_HOME", "deploy --replace-link"];
    refuses(&person, "auth-is-a-link", &words);
    person.there("ln -sf ../nowhere .codex/auth.json");
    refuses(&person, "auth-is-a-link", &words);
}

fn an_account_without_a_home(rig: &Rig) {
    let person = rig.person(1);
    for (line, words) in [
        ("HOME=/no/such/home", ["`/no/such/home` does not exist", "create it and give it to the account"]),
        ("unset HOME", ["home directory is not set (HOME)", "remove the line that unsets HOME"]),
    ] {
        person.there(&format!("echo '{line}' >.bashrc"));
        refuses(&person, "no-home", &[words.as_slice(), &["nothing was sent"]].concat());
    }
}

fn a_store_that_is_not_the_file(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.there("echo 'cli_auth_credentials_store = \"keyring\"' >.codex/config.toml");
    let words = [
        "= \"keyring\"",
        "codex-remote-auth explain keyring-store",
        "nothing was sent",
        "/.codex/config.toml:1",
        "set it to \"file\" on the host",
        "deploy --force ",
    ];
    refuses(&person, "store-is-not-the-file", &words);
}

fn a_form_of_login_that_would_be_deleted(rig: &Rig) {
    let person = rig.person(1);
    person.there("mkdir -m 700 .codex; echo 'forced_login_method = \"api\"' >.codex/config.toml");
    let next = ["explain forced-login-method", "nothing was sent", "config.toml:1", "--force"];
    has(&refuses(&person, "login-form-is-forced", &next), &["= \"api\""]);
    person.there("echo 'forced_login_method = \"chatgpt\"' >.codex/config.toml");
    person.write(".codex/auth.json", b"{\"OPENAI_API_KEY\": \"sk-made-up\"}");
    has(&refuses(&person, "login-form-is-forced", &next), &["= \"chatgpt\""]);
}

fn a_login_of_another_account(rig: &Rig) {
    let person = rig.person(1);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    person.write(".codex/auth.json", b"{\"OPENAI_API_KEY\": \"sk-made-up\"}");
    let said = refuses(
        &person,
        "another-account",
        &[", chatgpt:", "yours: apikey:", "nothing was changed", "--force", "--backup"],
    );
    assert!(!said.contains("sk-made-up"), "{said}");
}

fn an_account_that_may_not_run_commands(rig: &Rig) {
    let person = rig.person(1);
    rig.root(&format!("usermod -s /usr/sbin/nologin {}", person.account().name));
    let words = ["did not run our script", "exit status 1", "nothing was sent", "login shell (nologin"];
    // Whether the program ends before our bytes arrive is a matter of chance.
    for _ in 0..4 {
        refuses(&person, "no-reply", &words);
    }
    refuses_with(&person, &["--dry-run"], "no-reply", &words);
}

fn a_forced_command_is_given_nothing(rig: &Rig) {
    let person = rig.person(1);
    person.there("sed -i 's/^/command=\"echo only this; exit 7\" /' .ssh/authorized_keys");
    let words =
        ["exit status 7", "printed `only this`", "nothing was sent", "ForceCommand", "authorized_keys"];
    refuses(&person, "no-reply", &words);
}

fn another_program_answers_or_waits(rig: &Rig) {
    let waits = "another program waited for input";
    let forced = |command: &str| format!("sed -i 's/^/command=\"{command}\" /' .ssh/authorized_keys");
    for (prepare, words) in [
        ("echo 'head -c 100 >/dev/null' >.bashrc".to_owned(), waits),
        ("printf 'echo not today\\nexit 5\\n' >.bashrc".to_owned(), "exit status 5"),
        ("usermod -s /bin/false $(stat -c %U .)".to_owned(), "exit status 1"),
        (forced("true"), "exit status 0"),
        (forced("head -c 3000"), "nothing was sent"),
        (forced("cat"), waits),
    ] {
        let person = with_an_older_login_there(rig);
        person.there(&prepare);
        let said = refuses_with(&person, &["--timeout", "3"], "no-reply", &["nothing was sent"]);
        assert!(said.contains(words), "{prepare}: {said}");
        person.account().nothing_runs();
    }
}

/// The account's shell ends its own connection, like a machine that shuts down.
const GOES_DOWN: &str = "echo 'kill -9 $PPID' >.bashrc";

fn a_connection_that_is_lost(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.there(GOES_DOWN);
    let old = person.remote_digest(0);
    let words = ["the connection to ", "was lost while ", "Try again", AS_IT_WAS];
    person.fails(&["deploy", "--no-proof", "box0"], "ssh-lost", &words);
    person.account().nothing_will_run();
    assert_eq!(person.remote_digest(0), old);
    assert_eq!(person.there("ls -A .codex | grep -v ^tmp; stat -c %a .codex/auth.json"), "auth.json\n600\n");
}

fn a_script_that_does_not_come_to_its_end(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.there("echo 'sleep 60' >.bashrc");
    let said = refuses_with(
        &person,
        &["--timeout", "4"],
        "no-reply",
        &["did not start within ", "rc files", "nothing was sent"],
    );
    let waited = said.split("within ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(waited.len() <= 3, "a person reads `{waited}` seconds");
}

fn a_script_that_is_ended_while_it_replaces(rig: &Rig) {
    let words = ["ended early (signal KILL)", OLD_OR_NEW, LOOK, "codex-remote-auth doctor "];
    let person = with_an_older_login_there(rig);
    // Like a system that has no memory left.
    person.plants("mv", "/usr/bin/mv \"$@\"; kill -9 0");
    let new = AuthFile::read(&person.path(".codex/auth.json")).unwrap().bytes().sha256();
    let (stdout, _) = person.ends(&["deploy", "--no-proof", "box0"], 1);
    has(&stdout, &words);
    assert_eq!(person.remote_digest(0), new);
    person.there("rm -r first .bashrc");
    person.renews(Duration::from_secs(5));
    person.ends(&["deploy", "--no-proof", "--backup", "box0"], 0);
    person.plants("mv", "kill -9 0");
    person.fails(&["rollback", "box0"], "ended-early", &words);
}

fn an_answer_that_this_version_does_not_know(rig: &Rig) {
    let person = rig.person(1);
    // The account answers in place of the script. Facts have a mark that is new for each call.
    person.there(
        "echo 'mark=${BASH_EXECUTION_STRING#*mark=}; echo \"${mark%%;*} ready\"; echo \"${mark%%;*} error of-tomorrow the moon is full\"; exit 1' >.bashrc",
    );
    let words =
        ["stopped with `of-tomorrow`: the moon is full", AS_IT_WAS, LOOK, "codex-remote-auth doctor "];
    refuses(&person, "unknown", &words);
}

fn nothing_was_sent_by_a_dry_run_that_is_lost(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.there(GOES_DOWN);
    refuses_with(&person, &["--dry-run"], "ssh-lost", &[AS_IT_WAS]);
}

fn a_host_whose_name_never_resolves(rig: &Rig) {
    let person = rig.person(1);
    // A program that `ssh -G` runs does not know our deadline.
    person.configure_first("Match exec \"sleep 12\"\n  User me\n");
    let words = ["timed out after 1 s", "Match exec"];
    let said = refuses_with(&person, &["--timeout", "1"], "given-up", &words);
    // The host was not reached, so there is nothing to say about its file.
    assert!(!said.contains("auth.json"), "{said}");
    let dry = ["--timeout", "1", "--dry-run"];
    let said = refuses_with(&person, &dry, "given-up", &words);
    assert!(!said.contains("auth.json"), "{said}");
    let (stdout, _) = person.ends(&["doctor", "--timeout", "1", "box0"], 1);
    has(&stdout, &["not examined: timed out after 1 s", "Match exec"]);
    assert!(!stdout.contains("auth.json"), "nothing was to be changed: {stdout}");
}

fn a_login_that_cannot_be_brought_back(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.ends(&["deploy", "--no-proof", "--backup", "box0"], 0);
    let stays = |code: &str, words: &[&str]| {
        let before = person.tree();
        person.fails(&["rollback", "box0"], code, words);
        assert_eq!(person.tree(), before);
    };
    person.there("chmod 500 .codex");
    stays("cannot-write", &["ermission denied", AS_IT_WAS, "right to write", "codex-remote-auth doctor "]);
    person.there("chmod 700 .codex; MINE=.codex/auth.json; chown 0:0 $MINE");
    stays("cannot-write", &["ermission denied", AS_IT_WAS]);
    person.there("mv .codex/auth.json elsewhere; ln -s ../elsewhere .codex/auth.json");
    stays(
        "auth-is-a-link",
        &["symbolic link", "nothing was changed", "move the link away first", "/auth.json.old"],
    );
    person.there("rm .codex/auth.json; mkdir .codex/auth.json");
    stays("auth-not-a-file-there", &["not a regular file", "Move it away first"]);
    person.there("rmdir .codex/auth.json; mv elsewhere .codex/auth.json");
    person.plants("mv", "echo mv: not today >&2; exit 1");
    stays("cannot-replace", &["mv: not today", "is unchanged"]);
    person.there("rm -r first .bashrc; mv .codex/auth.json.before .codex/else");
    stays("no-backup", &["auth.json.before on the host", "Nothing was changed"]);
}

fn what_a_rollback_cannot_keep_is_not_lost(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    let older = person.remote_digest(0);
    person.ends(&["deploy", "--no-proof", "--backup", "box0"], 0);
    let newer = person.remote_digest(0);
    // Only the final move fails.
    person
        .plants("mv", "case $* in *.before) echo mv: not today >&2; exit 1 ;; esac; exec /usr/bin/mv \"$@\"");
    let host = person.json(&["rollback", "box0"], 1);
    let error = &host["error"];
    assert_eq!(error["code"], "cannot-keep", "{host}");
    has(error["message"].as_str().unwrap(), &["could not be saved as auth.json.before: mv: not today"]);
    let state = error["state"].as_str().unwrap();
    has(state, &["is the restored login"]);
    let kept = state.split("the one that it replaced is ").nth(1).unwrap();
    assert_eq!(person.remote_digest(0), older);
    assert!(person.there(&format!("sha256sum {kept}")).starts_with(&newer), "{state}");
    // The suggested command makes another rollback possible.
    person.there("rm -r first .bashrc");
    person.there(error["hints"][0]["command"].as_str().unwrap());
    person.ends(&["rollback", "box0"], 0);
    assert_eq!(person.remote_digest(0), newer);
}

fn a_rollback_that_is_lost_or_not_begun(rig: &Rig) {
    let person = with_an_older_login_there(rig);
    person.ends(&["deploy", "--no-proof", "--backup", "box0"], 0);
    person.there(GOES_DOWN);
    person.fails(&["rollback", "box0"], "ssh-lost", &["Try again", AS_IT_WAS]);
    person.there("echo 'sleep 60' >.bashrc");
    let words = ["did not start within ", "nothing was sent"];
    person.fails(&["rollback", "--timeout", "4", "box0"], "no-reply", &words);
    person.there("rm .bashrc");
    rig.root(&format!("usermod -s /usr/sbin/nologin {}", person.account().name));
    person.fails(
        &["rollback", "box0"],
        "no-reply",
        &["nothing was sent, and no file was changed", "login shell (nologin"],
    );
}
