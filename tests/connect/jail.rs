//! Accounts in a root directory of their own that has little: tools of busybox alone, no `/proc`, and the tools where Android's Termux
//! has them instead of in `/bin`.

use tests::Rig;

use crate::Case;
use crate::support::{Connects, knows};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = tests::cases![a_host_whose_dev_null_cannot_be_written];
    for folder in ["/bin", "/data/data/com.termux/files/usr/bin"] {
        let name = format!("a_login_is_copied_and_taken_back_without_proc_and_with_its_tools_in::{folder}");
        cases.push(Case::new(name, move |rig| copies_and_takes_back(rig, folder)));
    }
    cases
}

/// Makes a root directory that has only busybox and codex, both in this folder, and the account's home.
fn jail(rig: &Rig, folder: &str, home: &str) -> String {
    // Below /dev, since devices do not work in the other file systems of a container.
    rig.root(&format!(
        "set -e\njail=/dev/jail{home}\nmkdir -p $jail{folder} $jail/dev $jail/tmp $jail$(dirname {home})\n\
         for library in $(ldd /bin/busybox | grep -o '/[^ ]*'); do cp --parents $library $jail; done\n\
         cp /bin/busybox /opt/codex-under-test/codex $jail{folder}\n\
         for tool in $(busybox --list); do [ $tool = busybox ] || ln -s busybox $jail{folder}/$tool; done\n\
         mknod -m 666 $jail/dev/null c 1 3\nchmod 1777 $jail/tmp\ncp -a {home} $jail{home}\nprintf $jail"
    ))
}

fn a_host_whose_dev_null_cannot_be_written(rig: &Rig) {
    let person = rig.account().shell("/bin/sh").person();
    let jail = jail(rig, "/bin", &person.account().home);
    let server = rig.server(&[&format!("ChrootDirectory={jail}"), "SetEnv=PATH=/bin"]);
    knows(&person, &server, "");
    for change in [format!("chmod 600 {jail}/dev/null"), format!("rm {jail}/dev/null; mkdir {jail}/dev/null")]
    {
        rig.root(&change);
        let words = [
            "the account cannot write to /dev/null on the host",
            "nothing was sent",
            "mknod -m 666 /dev/null c 1 3",
        ];
        let (stdout, _) = person.ends(&["deploy", "box"], 1);
        tests::home::has(&stdout, &words);
    }
}

fn copies_and_takes_back(rig: &Rig, folder: &str) {
    let person = rig.account().shell(&format!("{folder}/sh")).person();
    let home = &person.account().home;
    let jail = jail(rig, folder, home);
    let server = rig.server(&[&format!("ChrootDirectory={jail}"), &format!("SetEnv=PATH={folder}")]);
    knows(&person, &server, "");
    let auth = format!("{jail}{home}/.codex/auth.json");
    let digest = |file: &str| rig.root(&format!("sha256sum {file}")).split(' ').next().unwrap().to_owned();
    let older = person.login.bytes().sha256();
    // The stub cannot work there: the fake cloud's address is outside.
    let host = person.json(&["deploy", "--no-proof", "box"], 0);
    assert_eq!(host["codex"]["path"], format!("{folder}/codex"), "{host}");
    assert_eq!(digest(&auth), older);
    let newer = person.renews(std::time::Duration::from_secs(60));
    person.json(&["deploy", "--no-proof", "--backup", "box"], 0);
    assert_eq!(digest(&auth), newer.bytes().sha256());
    assert_eq!(rig.root(&format!("stat -c '%a %U' {auth}")), format!("600 {}\n", person.account().name));
    let host = person.json(&["doctor", "box"], 0);
    let found = host["findings"].as_array().unwrap().iter().find(|found| found["level"] == "problem");
    assert_eq!(found, None, "{host}");
    person.ends(&["rollback", "box"], 0);
    assert_eq!(digest(&auth), older);
}
