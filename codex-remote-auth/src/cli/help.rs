//! What `--help` and the manual pages say besides the options: examples, exit statuses and environment variables.

use clap::builder::styling::{AnsiColor, Styles};

use super::name::program_name;

/// The widest help text, in columns. Longer lines are hard to read.
pub const WIDEST: usize = 120;

/// The styles of help texts and of errors about arguments. `output` lets their codes through.
pub const STYLES: Styles = Styles::plain()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .error(AnsiColor::Red.on_default().bold())
    .valid(AnsiColor::Green.on_default())
    .invalid(AnsiColor::Yellow.on_default());

/// The heading of the options that choose the login.
pub(super) const LOGIN_FILE: &str = "Which login";
/// The heading of the options that choose the hosts.
pub(super) const HOSTS: &str = "Which hosts";
/// The heading of the options that protect a login.
pub(super) const SAFETY: &str = "Safety";
/// The heading of the options about the call of codex on the host.
pub(super) const CHECK: &str = "Check on the host";
/// The heading of the options about the output.
pub(super) const OUTPUT: &str = "Output";

/// Pairs of a term and its meaning.
type Terms = &'static [(&'static str, &'static str)];

/// What the help of a command says after its options.
#[derive(Debug)]
pub(super) struct More {
    /// Arguments of the program, each with what they do.
    pub(super) examples: Terms,
    /// Exit statuses.
    pub(super) statuses: Terms,
    /// Environment variables.
    pub(super) variables: Terms,
}

const CODEX_HOME: (&str, &str) = ("CODEX_HOME", "folder of auth.json (default: ~/.codex)");
const AGENT: (&str, &str) = ("SSH_AUTH_SOCK", "the socket of your SSH agent");
const PLAIN: (&str, &str) = ("NO_COLOR", "if set, no colors");
const COLUMNS: (&str, &str) = ("COLUMNS", "width of text that is not for a terminal");
const COLOURED: (&str, &str) = ("CLICOLOR_FORCE", "if set, colors without a terminal too");

const WRONG: (&str, &str) = ("2", "the arguments are wrong; nothing was started");
const INTERRUPTED: (&str, &str) = ("130", "interrupted (Ctrl-C)");

pub(super) const DEPLOY: More = More {
    examples: &[
        ("deploy build1", "copy your login, and verify it"),
        ("deploy -n build1", "show what would be done"),
        ("deploy --backup me@build1:2222", "keep the old auth.json"),
        ("deploy --hosts-file h --retry-failed f", "many hosts"),
        ("deploy --api-key build1 < key.txt", "copy an API key"),
    ],
    statuses: &[
        ("0", "success on every host"),
        ("1", "a host failed, or its login could not be verified"),
        WRONG,
        INTERRUPTED,
    ],
    variables: &[CODEX_HOME, AGENT, PLAIN, COLOURED, COLUMNS],
};

pub(super) const ROLLBACK: More = More {
    examples: &[
        ("rollback build1", "restore the login of build1"),
        ("rollback build1 build2", "of two hosts"),
    ],
    statuses: &[("0", "restored on every host"), ("1", "a host failed"), WRONG, INTERRUPTED],
    variables: &[AGENT, PLAIN, COLOURED, COLUMNS],
};

pub(super) const DOCTOR: More = More {
    examples: &[
        ("doctor build1", "find what is wrong on build1"),
        ("doctor --live build1", "also run codex there"),
        ("doctor -J jump build1 build2", "two hosts, through a third"),
    ],
    statuses: &[
        ("0", "no problems on any host"),
        ("1", "a host has a problem, or could not be examined"),
        WRONG,
        INTERRUPTED,
    ],
    variables: &[CODEX_HOME, AGENT, PLAIN, COLOURED, COLUMNS],
};

pub(super) const LOGIN: More = More {
    examples: &[
        ("login build1", "show a link and a code to enter"),
        ("login --open build1", "open the link in a browser"),
    ],
    statuses: &[
        ("0", "logged in, and verified unless --no-proof is given"),
        ("1", "not logged in, or the login could not be verified"),
        ("2", "the arguments are wrong; nothing was started"),
        INTERRUPTED,
    ],
    variables: &[AGENT, PLAIN, COLOURED, COLUMNS],
};

pub(super) const EXPLAIN: More = More {
    examples: &[
        ("explain '401 Unauthorized'", "explain a message"),
        ("explain path-bash", "show a lesson"),
        ("explain --file build.log", "read the message from a file"),
        ("explain --list", "list the lessons"),
    ],
    statuses: &[
        ("0", "a lesson was found"),
        ("1", "no lesson knows the message"),
        ("2", "the arguments are wrong"),
    ],
    variables: &[PLAIN, COLOURED, COLUMNS],
};

pub(super) const COMPLETIONS: More = More {
    examples: &[
        ("completions bash > complete.bash", "bash: then source the file"),
        ("completions zsh > _codex-remote-auth", "zsh: in a folder of fpath"),
        ("completions fish | source", "fish: for this session"),
    ],
    statuses: &[("0", "success"), ("1", "the script could not be written"), ("2", "the arguments are wrong")],
    variables: &[("HOME", "where .ssh is; its hosts are completed")],
};

pub(super) const MAN: More = More {
    examples: &[
        ("man | man -l -", "read the page of the program"),
        ("man ~/.local/share/man/man1", "write all pages"),
    ],
    statuses: &[("0", "success"), ("1", "a page could not be written"), ("2", "the arguments are wrong")],
    variables: &[PLAIN, COLOURED, COLUMNS],
};

/// What the help of the command with this name says after its options.
pub(super) fn of(command: &str) -> Option<&'static More> {
    Some(match command {
        "deploy" => &DEPLOY,
        "rollback" => &ROLLBACK,
        "doctor" => &DOCTOR,
        "login" => &LOGIN,
        "explain" => &EXPLAIN,
        "completions" => &COMPLETIONS,
        "man" => &MAN,
        _ => return None,
    })
}

/// For the program as a whole.
pub(super) const PROGRAM: More = More {
    examples: &[
        ("doctor build1", "look at a host; read-only"),
        ("deploy build1", "copy your login, and verify it"),
        ("login build1", "give a host a login of its own"),
        ("explain '401 Unauthorized'", "explain a message"),
    ],
    statuses: &[("0", "success"), ("1", "a host failed, or a problem was found"), WRONG, INTERRUPTED],
    variables: &[CODEX_HOME, AGENT, PLAIN, COLOURED, COLUMNS],
};

impl More {
    /// The text after the options. No line is longer than 60 columns, since clap does not indent what it wraps.
    pub(super) fn text(&self) -> String {
        let mut text = heading("Examples:");
        for (arguments, what) in self.examples {
            text.push_str(&format!("\n  # {what}\n  {} {arguments}", program_name()));
        }
        for (name, terms) in [("Exit status:", self.statuses), ("Environment variables:", self.variables)] {
            text.push_str(&format!("\n\n{}", heading(name)));
            let width = terms.iter().map(|(term, _)| term.len()).max().unwrap_or_default();
            for (term, what) in terms {
                text.push_str(&format!("\n  {term:<width$}  {what}"));
            }
        }
        text
    }
}

fn heading(name: &str) -> String {
    let style = STYLES.get_header();
    format!("{style}{name}{style:#}")
}

/// The last line of the short help of a command, or of the program.
pub(super) fn short(command: &str) -> String {
    let command = [program_name(), command].join(" ");
    format!("More options, examples and exit statuses:\n  {} --help", command.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wrapped_in_a_narrow_terminal() {
        for more in [&DEPLOY, &ROLLBACK, &DOCTOR, &LOGIN, &EXPLAIN, &COMPLETIONS, &MAN, &PROGRAM] {
            for line in more.text().lines() {
                assert!(anstream::adapter::strip_str(line).to_string().len() <= 60, "{line}");
            }
        }
    }
}
