//! The tokens of ssh_config(5) that `ssh -G` does not expand.

use std::path::PathBuf;

use super::valid;

/// The values of the tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tokens<'a> {
    /// `%n`: the host as it was written.
    pub(super) name: &'a str,
    /// `%h`: the host name.
    pub(super) host: &'a str,
    /// `%p`.
    pub(super) port: u16,
    /// `%r`: the account on the host.
    pub(super) user: &'a str,
    /// `%k`: `HostKeyAlias`, or the host as it was written.
    pub(super) key_name: &'a str,
    /// `%j`: `ProxyJump`.
    pub(super) jump: &'a str,
}

/// A text without its tokens. What remains has to be a valid name.
pub(super) fn without(text: &str) -> String {
    ["%%", "%h", "%n", "%r", "%u", "%k", "%p"]
        .iter()
        .fold(text.to_owned(), |text, token| text.replace(token, "x"))
}

impl Tokens<'_> {
    /// Replaces the tokens by their values. The error names an unknown token.
    pub(super) fn expand(&self, text: &str) -> Result<String, String> {
        let mut expanded = String::with_capacity(text.len());
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                expanded.push(character);
                continue;
            }
            match characters.next() {
                Some('%') => expanded.push('%'),
                Some('n') => expanded.push_str(self.name),
                Some('h') => expanded.push_str(self.host),
                Some('p') => expanded.push_str(&self.port.to_string()),
                Some('r') => expanded.push_str(self.user),
                Some('k') => expanded.push_str(self.key_name),
                Some('j') => expanded.push_str(self.jump),
                Some('d') => expanded.push_str(&home().display().to_string()),
                Some('u') => expanded.push_str(&std::env::var("USER").unwrap_or_default()),
                Some('i') => expanded.push_str(&rustix::process::getuid().as_raw().to_string()),
                Some('l') => expanded.push_str(&this_machine()),
                Some('L') => expanded.push_str(this_machine().split('.').next().unwrap_or_default()),
                other => {
                    let letter = other.map(String::from).unwrap_or_default();
                    return Err(format!("the token %{letter} in `{text}` is not known here"));
                }
            }
        }
        Ok(expanded)
    }

    /// A command for a shell. All names in it are checked first, including those from the configuration.
    pub(super) fn command(&self, text: &str) -> Result<String, String> {
        let named = |what: &str, checked: Result<(), String>| {
            checked.map_err(|reason| format!("{what} cannot be used in a ProxyCommand: {reason}"))
        };
        named("the host", valid::host(self.name))?;
        named("HostName", valid::host(self.host))?;
        named("the user name", valid::user(self.user))?;
        named("HostKeyAlias", valid::host(self.key_name))?;
        self.expand(text)
    }

    /// A file: tokens, `~` for the home, `${NAME}` for variables.
    pub(super) fn file(&self, text: &str) -> Result<PathBuf, String> {
        let text = variables(&self.expand(text)?)?;
        Ok(match text.strip_prefix("~/") {
            Some(below) => home().join(below),
            None => PathBuf::from(text),
        })
    }
}

fn home() -> PathBuf {
    std::env::home_dir().unwrap_or_default()
}

fn this_machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn variables(text: &str) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) =
            after.split_once('}').ok_or_else(|| format!("`{text}` has a ${{ without its end"))?;
        let value = std::env::var(name).map_err(|_| format!("the variable {name} in `{text}` is not set"))?;
        expanded.push_str(before);
        expanded.push_str(&value);
        rest = after;
    }
    Ok(expanded + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: Tokens<'_> =
        Tokens { name: "box", host: "box.example", port: 2222, user: "me", key_name: "alias", jump: "j" };

    #[test]
    fn tokens_stand_for_what_the_manual_says() {
        assert_eq!(
            TOKENS.expand("nc %h %p %r %n %k %j 100%%").unwrap(),
            "nc box.example 2222 me box alias j 100%"
        );
        assert_eq!(TOKENS.file("/keys/%h_%r").unwrap(), PathBuf::from("/keys/box.example_me"));
        assert!(TOKENS.file("~/.ssh/id").unwrap().is_absolute());
        assert!(TOKENS.expand("%").is_err() && TOKENS.expand("%Z").unwrap_err().contains("%Z"));
        assert!(TOKENS.file("${NO_SUCH_VARIABLE_HERE}/x").is_err());
    }

    #[test]
    fn no_command_is_made_of_a_name_that_a_shell_could_run() {
        assert_eq!(TOKENS.command("nc %h %p").unwrap(), "nc box.example 2222");
        let bad = "$(id)";
        for tokens in [
            Tokens { name: bad, ..TOKENS },
            Tokens { host: bad, ..TOKENS },
            Tokens { user: bad, ..TOKENS },
            Tokens { key_name: bad, ..TOKENS },
        ] {
            assert!(tokens.command("nc %h %p").unwrap_err().contains("ProxyCommand"), "{tokens:?}");
        }
    }
}
