//! One `-o` of the command line.

/// Splits `Name=value`, `Name value` or `Name = "value"` as OpenSSH does. The name is returned in lower case.
///
/// # Errors
/// In words, if it has no value.
pub(super) fn parse(text: &str) -> Result<(String, String), &'static str> {
    let text = text.trim();
    let end = text.find(|found: char| found.is_whitespace() || found == '=').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let value = rest.strip_prefix('=').unwrap_or(rest).trim();
    let name = name.to_ascii_lowercase();
    let value = match COMMANDS.contains(&name.as_str()) {
        true => value.to_owned(),
        false => words(value).ok_or("a quotation mark has no end")?.join(" "),
    };
    if name.is_empty() || value.is_empty() {
        return Err("an option has the form NAME=VALUE");
    }
    Ok((name, value))
}

/// Options whose value is a command for a shell, as it is written.
const COMMANDS: [&str; 2] = ["proxycommand", "remotecommand"];

/// The words of a value. As in OpenSSH, a backslash stands before a quotation mark, a backslash, or a space outside of quotes.
/// `None` if a quotation mark has no end.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        let is_escape = letter == '\\'
            && (matches!(next, Some('\'' | '"' | '\\')) || (quote.is_none() && next == Some(' ')));
        if is_escape {
            word.get_or_insert_default().extend(letters.next());
        } else if quote == Some(letter) {
            quote = None;
        } else if quote.is_none() && matches!(letter, '"' | '\'') {
            quote = Some(letter);
            word.get_or_insert_default();
        } else if quote.is_none() && matches!(letter, ' ' | '\t') {
            words.extend(word.take());
        } else {
            word.get_or_insert_default().push(letter);
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the value with what `ssh -G` says.
    #[test]
    fn quotes_and_backslashes_are_read_as_ssh_reads_them() {
        for value in [
            "/run/a\\ b/agent",
            "\"/run/a b/agent\"",
            "'/run/a b/agent'",
            "\"/run/a\\ b\"",
            "/run/a\\\\b",
            "/run/a\\\"b",
            "/run/a\\b",
            "/run/\"a b\"/c",
            "/run/plain",
        ] {
            let option = format!("IdentityAgent={value}");
            let output = std::process::Command::new("ssh")
                .args(["-G", "-F", "/dev/null", "-o", &option, "host"])
                .output()
                .unwrap_or_else(|error| panic!("ssh (Debian package openssh-client): {error}"));
            let said = String::from_utf8(output.stdout).unwrap();
            let said = said.lines().find_map(|line| line.strip_prefix("identityagent ")).unwrap();
            assert_eq!(parse(&option).unwrap().1, said, "{option}");
        }
        assert!(parse("IdentityAgent=\"/run/a").unwrap_err().contains("no end"));
        assert_eq!(parse("ProxyCommand=sh -c 'a b'").unwrap().1, "sh -c 'a b'");
        assert_eq!(parse("UserKnownHostsFile=\"/a\" /b").unwrap().1, "/a /b");
    }

    #[test]
    fn every_form_that_openssh_takes_is_split() {
        for text in ["User=me", "user me", " USER = me ", "User=\"me\"", "User\tme"] {
            assert_eq!(parse(text), Ok(("user".to_owned(), "me".to_owned())), "{text}");
        }
        assert_eq!(parse("ProxyCommand=a b=c").unwrap().1, "a b=c");
        for text in ["", "User", "User=", "=me", "User \"\""] {
            assert!(parse(text).unwrap_err().contains("NAME=VALUE"), "{text}");
        }
    }
}
