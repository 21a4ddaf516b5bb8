//! The script that runs on the host. It is written as one command that every login shell passes to `sh` unchanged.
//! Orders for it are written here too.

use std::borrow::Cow;

use crate::codex::quote;

/// The first part of the script: it looks. Only this part is in the command, and it contains nothing from the caller.
const LOOK: &str = include_str!("script/look.sh");
/// The functions that orders call. They are sent on the command's input after the script has answered.
const ACT: &str = include_str!("script/act.sh");

/// More of these functions: the search for a codex that a plain command does not find.
const SEARCH: &str = include_str!("script/search.sh");

/// The script of a conversation, in its two parts.
#[derive(Debug, Clone)]
pub struct Script {
    look: Cow<'static, str>,
    act: Cow<'static, str>,
}

impl Default for Script {
    fn default() -> Self {
        Self { look: Cow::Borrowed(LOOK), act: Cow::Owned(format!("{ACT}{SEARCH}")) }
    }
}

impl Script {
    /// The same script with more functions for orders.
    #[must_use]
    pub fn with(mut self, more: &str) -> Self {
        self.act.to_mut().push_str(more);
        self
    }

    /// Both parts as one text.
    pub fn text(&self) -> String {
        format!("{}{}", self.look, self.act)
    }

    /// The script with every occurrence of `text` replaced; `None` if it does not occur. For mutants and broken hosts
    /// in tests.
    #[doc(hidden)]
    #[must_use]
    pub fn edited(&self, text: &str, by: &str) -> Option<Self> {
        let known = self.look.contains(text) || self.act.contains(text);
        let edit = |part: &str| Cow::Owned(part.replace(text, by));
        known.then(|| Self { look: edit(&self.look), act: edit(&self.act) })
    }

    /// The command that starts the conversation. `mark` appears in no output but this conversation's.
    pub(crate) fn command(&self, mark: &str) -> String {
        for_any_login_shell(&format!("mark={};{}", quote(mark), one_line(&self.look)))
    }

    /// The code to send before the first order; it defines the functions that orders call.
    pub(crate) fn act(&self) -> &str {
        &self.act
    }
}

/// Shell code as one line, as the script reads an order. `printf %b` undoes the escapes.
pub(crate) fn order_line(code: &str) -> String {
    let mut line = code.replace('\\', "\\0134").replace('\n', "\\0012");
    line.push('\n');
    line
}

/// A script on one line, because csh allows no line break in quotes. So the script must not have a comment after a
/// command, a here-document or a line break in quotes. Only a `case` pattern on its own line may have an unpaired
/// bracket.
fn one_line(script: &str) -> String {
    let mut line = String::with_capacity(script.len());
    for part in script.lines().map(str::trim).filter(|part| !part.starts_with('#') && !part.is_empty()) {
        if part.starts_with(";;") {
            line.push(' ');
        }
        match part.strip_suffix('\\') {
            Some(begun) => line.push_str(begun),
            None => {
                line.push_str(part);
                line.push(if goes_on(part) { ' ' } else { ';' });
            }
        }
    }
    line
}

/// Whether the shell's grammar forbids a `;` after this line.
fn goes_on(part: &str) -> bool {
    let is_pattern = part.ends_with(')') && part.matches(')').count() > part.matches('(').count();
    let last_word = part.rsplit(' ').next().unwrap_or(part);
    is_pattern
        || ["{", "(", "&", "|", ";;"].iter().any(|end| part.ends_with(end))
        || ["then", "do", "else", "in"].contains(&last_word)
}

/// One word that every login shell passes to `sh` unchanged. csh expands `!` in quotes, and fish interprets backslash
/// escapes there.
fn for_any_login_shell(script: &str) -> String {
    let mut line = String::with_capacity(script.len() * 5 / 4);
    line.push_str("sh -c '");
    for letter in script.chars() {
        match letter {
            '\\' | '\'' | '!' => line.extend(['\'', '\\', letter, '\'']),
            other => line.push(other),
        }
    }
    line.push('\'');
    line
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// The largest command that this test allows, in bytes. dropbear accepts at most 9,000.
    const MOST: usize = 6_000;

    #[test]
    fn the_command_is_one_short_line_without_special_characters() {
        let command = Script::default().command("cra-0123456789abcdef");
        assert!(command.len() < MOST, "{} bytes", command.len());
        assert!(command.is_ascii() && !command.contains('\n'), "{command}");
        let rest =
            ["'\\''", "'\\!'", "'\\\\'"].iter().fold(command, |rest, escaped| rest.replace(escaped, ""));
        let words: Vec<&str> = rest.split('\'').collect();
        let ["sh -c ", script, ""] = words[..] else { panic!("{rest}") };
        assert!(!script.contains(['\\', '!']), "{script}");
    }

    #[test]
    fn nothing_but_the_mark_differs_between_two_commands() {
        let [one, two] =
            ["cra-1111111111111111", "cra-2222222222222222"].map(|mark| Script::default().command(mark));
        assert_eq!(one.replace("1111111111111111", "2222222222222222"), two);
    }

    #[test]
    fn a_program_that_repeats_the_command_does_not_say_that_the_script_is_ready() {
        let command = Script::default().command("cra-1111111111111111");
        for word in ["ready", "looked", "done"] {
            assert!(!command.contains(&format!("cra-1111111111111111 {word}")), "{word}");
        }
    }

    #[test]
    fn the_script_does_the_same_on_one_line_as_on_many() {
        let many = "f() {\n  case $1 in\n    # Not a.\n    a | b)\n      printf \"%s\" \"$(printf a)\"\n      ;;\n    *) return 1 ;;\n  esac\n}\n\
             if f a &&\n  f b; then\n  for x in 1 \\\n    2; do\n    printf \"%s\" $x\n  done\nelse\n  (\n    false\n  ) || exit\nfi\nf c &\nwait $!\nprintf %s $?\n";
        let said = |script: &str| Command::new("sh").arg("-c").arg(script).output().unwrap();
        let line = one_line(many);
        assert!(!line.contains('\n'));
        assert_eq!(String::from_utf8_lossy(&said(&line).stdout), "aa121");
        assert_eq!(said(&line), said(many));
    }

    #[test]
    fn the_look_has_nothing_that_does_not_fit_on_one_line() {
        for part in LOOK.lines().map(str::trim).filter(|part| !part.starts_with('#')) {
            assert!(!part.contains(" #"), "a comment behind a command: {part}");
            let quotes = part.replace("\\\"", "").matches('"').count();
            assert!(quotes.is_multiple_of(2), "an open quote: {part}");
            assert!(!part.contains("<<"), "a here-document: {part}");
        }
        for script in [one_line(LOOK), Script::default().text()] {
            let checked = Command::new("sh").args(["-n", "-c"]).arg(script).output().unwrap();
            assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_plain_text_reaches_sh_unchanged(text in "[ -~]{0,60}") {
            let script = format!("printf %s {}", quote(&text));
            let output = Command::new("sh").arg("-c").arg(for_any_login_shell(&script)).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }

        #[test]
        fn any_order_is_run_as_it_was_written(text in "[ -~\n\t\u{e9}\u{4e16}]{0,60}") {
            let order = order_line(&format!("printf %s {}", quote(&text)));
            prop_assert_eq!(order.matches('\n').count(), 1);
            let reads = "IFS= read -r order; order=$(printf \"%b.\" \"$order\"); eval \"${order%.}\"";
            let mut sh = Command::new("sh").arg("-c").arg(reads)
                .stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
            std::io::Write::write_all(&mut sh.stdin.take().unwrap(), order.as_bytes()).unwrap();
            let output = sh.wait_with_output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }

    /// The container has the other login shells and deploys in each. fish would make its image a third larger, so it is
    /// tested here.
    #[test]
    fn fish_hands_every_character_over_unchanged() {
        let plain: String = (' '..='~').chain("\\\\ \\' \\\\' \\! !!".chars()).collect();
        let command = for_any_login_shell(&format!("printf %s {}", quote(&plain)));
        match Command::new("fish").args(["--no-config", "-c"]).arg(command).output() {
            Ok(output) => assert_eq!(String::from_utf8(output.stdout).unwrap(), plain),
            Err(_) if std::env::var_os("CI").is_none() => {
                eprintln!("not shown: fish is not on this machine");
            }
            Err(error) => panic!("fish: {error}"),
        }
    }
}
