//! A host that lacks one of the usual tools. This must not disable any guard: a login that a plain deploy has to keep is kept,
//! or the deploy stops and names the tool.

use std::time::Duration;

use serde_json::Value;
use tests::Rig;
use tests::person::Person;

use crate::Case;
use crate::existing_login::Who;

/// What is missing, one row at a time.
const MISSING: &[&[&str]] = &[
    &["sed"],
    &["expr"],
    &["base64"],
    &["openssl"],
    &["base64", "openssl"],
    &["sed", "expr", "base64"],
    &["stat"],
    &["ls"],
    &["stat", "ls"],
    &["dd"],
    &["head"],
    &["dd", "head"],
    &["timeout"],
    &["mktemp"],
    &["sha256sum"],
    &["sha256sum", "shasum", "openssl"],
    &["od"],
    &["wc"],
    &["awk", "gawk", "mawk"],
    &["grep"],
    &["tr"],
    &["cut"],
    &["id"],
    &["whoami"],
    &["cat"],
    &["env"],
    &["find"],
    &["sync"],
    &["getent"],
    &["readlink"],
    &["sleep"],
    &["setsid"],
    &["ps"],
    &["mkdir"],
    &["chmod"],
    &["mv"],
    &["rm"],
];

pub(crate) fn cases() -> Vec<Case> {
    let row = |missing: &&'static [&'static str]| {
        let missing = *missing;
        Case::new(format!("without::{}", missing.join("_")), move |rig| without(rig, missing))
    };
    MISSING.iter().map(row).collect()
}

/// Removes tools from the PATH of the first account. Everything else stays.
fn take(person: &Person<'_>, missing: &[&str]) {
    person.tools_without(missing);
    person.there("ln -sf /opt/codex-under-test/codex tools/codex; echo 'PATH=$HOME/tools' >.bashrc");
}

fn without(rig: &Rig, missing: &[&str]) {
    let person = rig.person(1);
    take(&person, missing);
    for who in Who::ALL {
        who.puts(&person);
        let before = person.tree();
        for more in [["--dry-run"].as_slice(), &[]] {
            let (status, stdout, stderr) = deploy(&person, more);
            let what = format!("without {missing:?}, {who:?} {more:?}: {stdout}{stderr}");
            assert_eq!(person.tree(), before, "{what}");
            assert_eq!(status, 1, "{what}");
            let error = &serde_json::from_str::<Value>(&stdout).unwrap()["hosts"][0]["error"];
            assert!(error["code"] == who.code() || names(error, missing), "{what}");
        }
    }
    // An older login of the same person is replaced, or the message names the tool.
    let older = rig.login(Duration::from_secs(900_000));
    person.there(&format!(
        "cat >.codex/auth.json <<'END'\n{}\nEND",
        String::from_utf8(older.bytes().expose().to_vec()).unwrap()
    ));
    let before = person.tree();
    let (status, stdout, stderr) = deploy(&person, &[]);
    let what = format!("without {missing:?}: {stdout}{stderr}");
    if status == 0 {
        assert_eq!(person.remote_digest(0), person.login.bytes().sha256(), "{what}");
        assert_eq!(
            person.there("stat -c %a .codex/auth.json; ls -A .codex | grep cra- || :"),
            "600\n",
            "{what}"
        );
    } else {
        let error = &serde_json::from_str::<Value>(&stdout).unwrap()["hosts"][0]["error"];
        assert!(names(error, missing), "{what}");
        assert_eq!(person.tree(), before, "{what}");
    }
}

fn deploy(person: &Person<'_>, more: &[&str]) -> (i32, String, String) {
    let call = ["deploy", "--strict", "--no-proof", "--format", "json", "--timeout", "30", "box0"];
    person.says(&[&call, more].concat())
}

/// Whether an error names one of the tools.
fn names(error: &Value, missing: &[&str]) -> bool {
    let message = error["message"].as_str().unwrap_or_default();
    let mut words = message.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| missing.contains(&word))
}
