//! The variables that change how codex works on a host: those of the account's environment, and those of `.env` in the
//! Codex home.
//!
//! Measured on 0.163.0: codex sets every variable of `.env`, also one that the environment has already. It skips lines
//! that it cannot read, and variables whose names begin with `CODEX_`.

use std::fmt;

use zeroize::Zeroizing;

/// Variables with the address of a proxy. The service has an https address, so those for http come last.
const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];

/// Variables that name the file with the certificates to trust. The first one that is set counts.
const CERTIFICATES: [&str; 2] = ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"];

/// Variables that `.env` cannot set.
const IGNORED_IN_FILE: &str = "CODEX_";

/// A variable that is set on a host. Its value is not kept: a proxy's address may contain a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where it is set.
    pub place: Place,
}

/// Where a variable is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the environment of a plain command.
    Environment,
    /// In this file.
    File {
        /// Its path on the host.
        path: String,
        /// The line in it, from 1.
        line: usize,
    },
}

/// With the place: `HTTPS_PROXY (/home/me/.codex/.env:1)`.
impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Environment => write!(f, "{} (the account's environment)", self.name),
            Place::File { path, line } => write!(f, "{} ({path}:{line})", self.name),
        }
    }
}

impl Variable {
    /// Where a person changes it.
    pub fn file(&self) -> &str {
        match &self.place {
            Place::Environment => "the account's rc files or /etc/environment",
            Place::File { path, .. } => path,
        }
    }
}

/// The file that a variable names.
#[derive(Debug, Clone)]
pub struct NamedFile {
    /// The variable.
    pub variable: Variable,
    /// The path, if it was read from `.env`; `None` if only the host knows the variable's value.
    pub path: Option<Zeroizing<String>>,
}

/// The variables of a host that codex reads.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Those that count: a variable that is in both places is only in here with the file.
    pub variables: Vec<Variable>,
    /// Variables in `.env` that codex does not read from there.
    pub ignored: Vec<Variable>,
    /// The file with the certificates to trust, if one is named.
    pub certificates: Option<NamedFile>,
}

impl Environment {
    /// The variables of an environment, by their names, and of the `.env` at this path with these bytes.
    pub fn read(names: &[String], path: &str, dotenv: &[u8]) -> Self {
        let mut environment = Self::default();
        let mut values: Vec<(String, Zeroizing<String>)> = Vec::new();
        // A line that cannot be read is skipped, as codex does.
        for (name, value) in dotenvy::from_read_iter(dotenv).flatten() {
            let value = Zeroizing::new(value);
            let place = Place::File { path: path.to_owned(), line: line_of(&name, dotenv) };
            let variable = Variable { name: name.clone(), place };
            if name.to_ascii_uppercase().starts_with(IGNORED_IN_FILE) {
                environment.ignored.push(variable);
                continue;
            }
            environment.variables.retain(|known| known.name != name);
            values.retain(|(known, _)| *known != name);
            if !value.is_empty() {
                environment.variables.push(variable);
            }
            values.push((name, value));
        }
        // An empty value in the file hides the one of the environment too.
        for name in names.iter().filter(|name| !values.iter().any(|(known, _)| known == *name)) {
            environment.variables.push(Variable { name: name.clone(), place: Place::Environment });
        }
        environment.certificates = CERTIFICATES.iter().find_map(|name| {
            let variable = environment.variables.iter().find(|variable| variable.name == *name)?;
            let value = values.iter().find(|(known, _)| known == name);
            // A `$` was replaced with a variable of this machine, so the path is not known.
            let path = value.map(|(_, value)| value.clone()).filter(|_| !has_dollar(name, dotenv));
            Some(NamedFile { variable: variable.clone(), path })
        });
        environment
    }

    /// Whether this variable is set.
    pub fn sets(&self, name: &str) -> bool {
        self.variables.iter().any(|variable| variable.name == name)
    }

    /// The first variable that names a proxy.
    pub fn proxy(&self) -> Option<&Variable> {
        PROXIES.iter().find_map(|name| self.variables.iter().find(|variable| variable.name == *name))
    }
}

/// The lines that set a variable, from 1.
fn lines<'d>(name: &'d str, dotenv: &'d [u8]) -> impl Iterator<Item = (usize, &'d [u8])> {
    dotenv.split(|byte| *byte == b'\n').enumerate().filter_map(move |(at, line)| {
        let line = line.trim_ascii();
        let line = line.strip_prefix(b"export ").unwrap_or(line).trim_ascii_start();
        let value = line.strip_prefix(name.as_bytes())?.trim_ascii_start().strip_prefix(b"=")?;
        Some((at + 1, value))
    })
}

/// The last line counts.
fn line_of(name: &str, dotenv: &[u8]) -> usize {
    lines(name, dotenv).last().map_or(1, |(line, _)| line)
}

fn has_dollar(name: &str, dotenv: &[u8]) -> bool {
    lines(name, dotenv).last().is_some_and(|(_, value)| value.contains(&b'$'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(names: &[&str], dotenv: &str) -> Environment {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Environment::read(&names, "/h/.env", dotenv.as_bytes())
    }

    fn shown(variables: &[Variable]) -> Vec<String> {
        variables.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_variable_of_the_file_takes_precedence_and_is_named_with_its_line() {
        let both = read(
            &["HTTPS_PROXY", "ALL_PROXY"],
            "# a comment\nthis is no line of such a file\n\nexport HTTPS_PROXY=\"http://me:secret@proxy:1\" # why\n",
        );
        let expected = ["HTTPS_PROXY (/h/.env:4)", "ALL_PROXY (the account's environment)"];
        assert_eq!(shown(&both.variables), expected);
        assert_eq!(both.proxy().unwrap().to_string(), expected[0]);
        assert!(!format!("{both:?}").contains("secret"), "{both:?}");
        let twice = read(&[], "all_proxy=a\nall_proxy = b\n");
        assert_eq!(shown(&twice.variables), ["all_proxy (/h/.env:2)"]);
        assert!(read(&["HTTP_PROXY"], "HTTP_PROXY=\n").proxy().is_none(), "an empty value hides it");
        assert!(read(&[], "NO_PROXY=x\n").proxy().is_none());
    }

    #[test]
    fn codexs_own_variables_are_not_read_from_the_file() {
        let own = read(&["CODEX_API_KEY"], "CODEX_API_KEY=k\ncodex_home=/x\nCODEX_CA_CERTIFICATE=/y\n");
        assert_eq!(shown(&own.variables), ["CODEX_API_KEY (the account's environment)"]);
        assert_eq!(own.ignored.len(), 3);
        assert!(own.certificates.is_none());
    }

    #[test]
    fn the_file_of_certificates_is_the_one_that_codex_reads() {
        let of = |names: &[&str], dotenv| {
            let named = read(names, dotenv).certificates.unwrap();
            (named.variable.to_string(), named.path.map(|path| path.to_string()))
        };
        let file = of(&["SSL_CERT_FILE"], "SSL_CERT_FILE='/etc/corp ca.pem'\n");
        assert_eq!(file, ("SSL_CERT_FILE (/h/.env:1)".to_owned(), Some("/etc/corp ca.pem".to_owned())));
        let own = of(&["SSL_CERT_FILE", "CODEX_CA_CERTIFICATE"], "SSL_CERT_FILE=/x\n");
        assert_eq!(own, ("CODEX_CA_CERTIFICATE (the account's environment)".to_owned(), None));
        assert_eq!(of(&[], "SSL_CERT_FILE=$HOME/x\n").1, None, "HOME of this machine");
        assert!(read(&[], "").certificates.is_none());
    }

    proptest! {
        #[test]
        fn no_file_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Environment::read(&["HTTPS_PROXY".to_owned()], "/h/.env", &bytes);
        }
    }
}
