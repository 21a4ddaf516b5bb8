//! Decides which names of hosts and accounts are accepted.
//!
//! A name can reach a shell: `%h` and `%r` are put into a `ProxyCommand` and a `Match exec`. So every name is checked here
//! before `ssh -G` is asked about it. The rules are OpenSSH's own (`valid_hostname`, `valid_ruser`) and stricter: a character that a
//! shell would expand, split or take for an operator is refused even if OpenSSH accepts it.

/// Longer names are mistakes: DNS allows 253 characters, Linux 32 for an account.
const LONGEST: usize = 255;

/// What a host name may contain besides letters and digits: `:` and `%` are part of IPv6 addresses.
const IN_HOSTS: &str = "-_.:%+";

/// What a user name may contain besides letters and digits. Gateways put targets into it: `me@root#domain@box`, `gu=me@box`.
const IN_USERS: &str = "-_.:%+@/,#=";

/// Checks the name, alias or address of a host.
///
/// # Errors
/// The reason, in words.
pub(in crate::ssh) fn host(name: &str) -> Result<(), String> {
    check(name, "host", |character, _| IN_HOSTS.contains(character))
}

/// Checks the name of an account. A backslash is part of a Windows domain account (`CORP\me`) and is only allowed before a
/// letter or digit, where it is only a quoted letter to a shell.
///
/// # Errors
/// The reason, in words.
pub(in crate::ssh) fn user(name: &str) -> Result<(), String> {
    if name.starts_with(['#', '=', '\\']) {
        return Err(format!("a user name cannot begin with `{}`", &name[..1]));
    }
    check(name, "user", |character, next| match character {
        '\\' => next.is_some_and(char::is_alphanumeric),
        other => IN_USERS.contains(other),
    })
}

fn check(name: &str, what: &str, allowed: impl Fn(char, Option<char>) -> bool) -> Result<(), String> {
    if name.is_empty() {
        return Err(format!("the {what} name is missing"));
    }
    if name.chars().count() > LONGEST {
        return Err(format!("the {what} name is longer than {LONGEST} characters"));
    }
    // `ssh` would read it as an option.
    if name.starts_with('-') {
        return Err(format!("a {what} name cannot begin with `-`"));
    }
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        if character.is_alphanumeric() || allowed(character, characters.peek().copied()) {
            continue;
        }
        return Err(match character {
            ' ' => format!("a {what} name cannot contain a space"),
            shown if shown.is_ascii_graphic() => format!("a {what} name cannot contain `{shown}`"),
            // Shown as it is, it could control the terminal or look like another character.
            hidden => format!("a {what} name cannot contain the character U+{:04X}", u32::from(hidden)),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// What some shell takes for more than a character, wherever it stands in a word.
    const SPECIAL: &str = " \t\r\n|&;<>()$`\"'*?[]~!{}^";

    /// Texts that are mostly made of what names are made of, with what is special to shells strewn in.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof!["\\PC{0,12}", "[a-z0-9.@#=%:\\\\_/,+-]{1,12}", "[ -~]{1,3}", "[a-z]{1,3}[ -~][a-z]{0,3}"]
    }

    #[test]
    fn names_that_people_use_are_accepted() {
        for name in
            ["box", "box-1.example.org", "10.0.0.1", "2001:db8::1", "fe80::1%eth0", "my_box", "größe.example"]
        {
            assert_eq!(host(name), Ok(()), "{name}");
        }
        for name in [
            "me",
            "first.last@corp",
            "CORP\\me",
            "me@root#domain",
            "gu=me@box",
            "svc_1",
            "a+b",
            "me%corp",
            "größe",
        ] {
            assert_eq!(user(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_openssh_refuses_is_refused_with_the_reason() {
        for character in "'`\"$\\;&<>|(){}, \t\n\u{7f}*?[]~!^#=/@\u{202e}\u{feff}\u{a0}".chars() {
            let reason = host(&format!("a{character}b")).unwrap_err();
            assert!(!reason.contains(|shown: char| shown.is_control() || shown as u32 > 0x7f), "{reason}");
        }
        for character in "'`\"$;&<>|(){} \t\n\u{7f}*?[]~!^\u{202e}".chars() {
            assert!(user(&format!("a{character}b")).is_err(), "{character:?}");
        }
        for name in ["-oProxyCommand=x", "", "#a", "=a", "\\a", "a\\", "a\\\\b", "a\\;b"] {
            assert!(user(name).is_err(), "{name}");
        }
        assert!(host("-x").unwrap_err().contains("cannot begin with `-`"));
        assert!(host("").unwrap_err().contains("missing"));
        assert!(host(&"a".repeat(LONGEST)).is_ok() && host(&"a".repeat(LONGEST + 1)).is_err());
    }

    /// What `sh` makes of a name that stands in a command.
    fn said_by_a_shell(quote: &str, name: &str) -> String {
        let script = format!("printf '%s\\n' {quote}{name}{quote}");
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{name}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    proptest! {
        #[test]
        fn nothing_accepted_is_special_to_a_shell(text in texts()) {
            if host(&text).is_ok() || user(&text).is_ok() {
                prop_assert!(!text.starts_with(['-', '#', '=', '\\']), "{}", text);
                prop_assert!(!text.contains(|found: char| SPECIAL.contains(found) || found.is_control()), "{}", text);
            }
            prop_assert!(host(&text).is_err() || !text.contains(['\\', ',', '#', '=', '/']), "{}", text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_shell_reads_an_accepted_name_as_one_plain_word(text in "[a-z0-9.@#=%:\\\\_/,+-]{1,12}") {
            if host(&text).is_ok() || user(&text).is_ok() {
                prop_assert_eq!(said_by_a_shell("", &text), format!("{}\n", text.replace('\\', "")));
                for quote in ["'", "\""] {
                    prop_assert_eq!(said_by_a_shell(quote, &text), format!("{text}\n"));
                }
            }
        }
    }
}
