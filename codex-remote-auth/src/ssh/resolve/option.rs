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
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let value = quoted.unwrap_or(value);
    if name.is_empty() || value.is_empty() {
        return Err("an option has the form NAME=VALUE");
    }
    Ok((name.to_ascii_lowercase(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
