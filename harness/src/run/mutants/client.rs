//! Mutants of programs on the machine that deploys: a wrapper that is before the program on the PATH.

use codex_remote_auth::lessons::{MutantKind, MutantName};

struct ClientMutant {
    name: &'static str,
    what: &'static str,
    /// The program that is wrapped.
    program: &'static str,
    /// The wrapper.
    text: &'static str,
}

const CLIENT: &[ClientMutant] = &[
    ClientMutant {
        name: "scp-makes-directories",
        what: "scp makes the remote directory first",
        program: "scp",
        text: "#!/bin/sh\nssh remote 'mkdir -p ~/.codex'\nexec /usr/bin/scp \"$@\"\n",
    },
    ClientMutant {
        name: "scp-takes-lower-case-port",
        what: "scp takes -p for the port, as ssh does",
        program: "scp",
        text: "#!/bin/sh\n[ \"$1\" = -p ] && shift && set -- -P \"$@\"\nexec /usr/bin/scp \"$@\"\n",
    },
    ClientMutant {
        name: "scp-does-nothing",
        what: "scp says that it worked, and copies nothing",
        program: "scp",
        text: "#!/bin/sh\nexit 0\n",
    },
    ClientMutant {
        name: "timeout-forgets",
        what: "timeout stops its command in time, and reports success all the same",
        program: "timeout",
        text: "#!/bin/sh\n/usr/bin/timeout \"$@\"\nexit 0\n",
    },
];

/// Every client mutant, with what it does.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    CLIENT.iter().map(|mutant| (mutant.name, mutant.what))
}

/// The wrapper of a client mutant: its name on the PATH, and its text.
pub(in crate::run) fn wrapper(mutant: Option<&MutantName>) -> Option<(&'static str, &'static str)> {
    let wanted = mutant.filter(|mutant| mutant.kind == MutantKind::Client)?;
    CLIENT.iter().find(|known| known.name == wanted.name).map(|known| (known.program, known.text))
}

/// A command on the machine that deploys. If the mutant has a wrapper, it is first on the PATH.
pub(in crate::run) fn local_line(mutant: Option<&MutantName>, line: String) -> String {
    match wrapper(mutant) {
        Some(_) => format!("PATH=~/wrappers:$PATH\n{line}"),
        None => line,
    }
}
