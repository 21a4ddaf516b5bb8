//! What rc files print is never mistaken for output of codex.

use codex_remote_auth::deploy::{DeployOptions, deploy};
use codex_remote_auth::remote::ProofOutcome;
use tests::Rig;

use crate::Case;
use crate::target::{Target, enough};

/// A login shell, its rc file, and what that prints.
const NOISE: &[(&str, &str, &str, &str)] = &[
    ("bash", "/bin/bash", ".bashrc", "echo Welcome!\necho a complaint >&2\n"),
    ("bash_without_a_newline", "/bin/bash", ".bashrc", "printf 'Welcome, '\nprintf complaint >&2\n"),
    ("zsh", "/bin/zsh", ".zshenv", "echo -n 'done '\nprint -u2 -n complaint\n"),
    ("tcsh", "/bin/tcsh", ".cshrc", "echo 'Welcome!'\nsh -c 'echo complaint >&2'\necho -n '100%'\n"),
    (
        "a_megabyte",
        "/bin/bash",
        ".bashrc",
        "head -c 1000000 /dev/zero | tr '\\0' '\\377'\nyes complaint | head -c 300000 >&2\n",
    ),
    ("another_folder", "/bin/bash", ".bashrc", "cd /tmp\n"),
    ("an_open_umask", "/bin/bash", ".bashrc", "umask 000\n"),
];

pub(crate) fn cases() -> Vec<Case> {
    let case = |(name, shell, file, text): &'static (&str, &str, &str, &str)| -> Case {
        Case::new(*name, move |rig| is_heard_through(rig, shell, file, text))
    };
    NOISE.iter().map(case).collect()
}

fn is_heard_through(rig: &Rig, shell: &str, file: &str, text: &str) {
    let target = Target::of(rig, |account| account.shell(shell).file(file, text));
    let receipt = deploy(&target.session(), &target.one, &DeployOptions::default(), enough()).unwrap();
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    let ProofOutcome::Ran { outcome, .. } = &receipt.proof else { unreachable!() };
    assert_eq!(outcome.stdout, b"auth OK\n", "the answer, and no noise");
    assert!(!String::from_utf8_lossy(&outcome.stderr).contains("complaint"));
    assert_eq!(receipt.home, format!("{}/.codex", target.home));
    target.has(&target.one, ".codex");
}
