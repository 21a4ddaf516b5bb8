//! Files that people name instead of an auth.json, and that hold a login in a form that has to be taken out first.

use std::fmt;

use super::json::{Object, Text};

/// A file that is known by how it begins or by the names in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherFile {
    /// Encrypted by this program.
    Encrypted(&'static str),
    /// The manifest of a Kubernetes Secret.
    KubernetesSecret,
    /// Lines of `NAME=value`, as in a `.env`.
    Variables,
    /// A private key, such as one of SSH.
    PrivateKey,
    /// The login of Claude Code.
    ClaudeLogin,
}

impl OtherFile {
    /// What a text that is not JSON is instead.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let text = text.trim_start();
        let first = text.lines().next()?;
        let variable = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'))?;
        let (name, _) =
            variable.strip_prefix("export ").unwrap_or(variable).split_once('=').unwrap_or_default();
        let is_name = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let is = |name| text.lines().any(|line| line.split_whitespace().eq(["kind:", name]));
        Some(match first {
            _ if first.starts_with("-----BEGIN PGP MESSAGE") => Self::Encrypted("gpg"),
            _ if first.starts_with("-----BEGIN AGE ENCRYPTED")
                || first.starts_with("age-encryption.org/") =>
            {
                Self::Encrypted("age")
            }
            _ if first.starts_with("$ANSIBLE_VAULT;") => Self::Encrypted("ansible-vault"),
            _ if first.starts_with("-----BEGIN ") && first.contains("PRIVATE KEY") => Self::PrivateKey,
            _ if is("Secret") || is("SealedSecret") => Self::KubernetesSecret,
            _ if is_name(name) => Self::Variables,
            _ => return None,
        })
    }

    /// What an object is instead of a login.
    pub(super) fn of_object(object: &Object<'_>) -> Option<Self> {
        let is_secret = || {
            let kind: Text<'_> = serde_json::from_str(object.get("kind")?.get()).ok()?;
            (&*kind == "Secret" && object.get("apiVersion").is_some()).then_some(Self::KubernetesSecret)
        };
        let named = |name, kind| object.get(name).map(|_| kind);
        named("sops", Self::Encrypted("sops"))
            .or_else(|| named("claudeAiOauth", Self::ClaudeLogin))
            .or_else(is_secret)
    }

    /// How to take the login out.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Encrypted(_) => {
                "decrypt it first, and give what comes out through a pipe: … | codex-remote-auth deploy --auth - HOST"
            }
            Self::KubernetesSecret => {
                "take the login out first: kubectl get secret NAME -o jsonpath='{.data.auth\\.json}' | codex-remote-auth deploy --auth - HOST"
            }
            Self::Variables => "give the value of the variable: a login by --auth -, an API key by --api-key",
            Self::PrivateKey => {
                "the key for SSH is given by -i; --auth names the auth.json that `codex login` wrote"
            }
            Self::ClaudeLogin => "Codex has a login of its own: run `codex login`",
        }
    }
}

/// With its article.
impl fmt::Display for OtherFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encrypted(by) => write!(f, "encrypted ({by})"),
            Self::KubernetesSecret => f.write_str("the manifest of a Kubernetes Secret"),
            Self::Variables => f.write_str("a list of variables, as in a .env"),
            Self::PrivateKey => f.write_str("a private key"),
            Self::ClaudeLogin => f.write_str("a login of Claude Code"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth_json::{AuthFile, AuthProblem};

    #[test]
    fn each_file_is_known_by_its_beginning_or_its_names() {
        for (text, expected) in [
            ("-----BEGIN PGP MESSAGE-----\n\nhQ==\n", OtherFile::Encrypted("gpg")),
            ("-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", OtherFile::Encrypted("age")),
            ("age-encryption.org/v1\n-> X25519 a\n", OtherFile::Encrypted("age")),
            ("$ANSIBLE_VAULT;1.1;AES256\n6162\n", OtherFile::Encrypted("ansible-vault")),
            ("{\"tokens\":{\"id_token\":\"ENC[a]\"},\"sops\":{\"mac\":\"m\"}}", OtherFile::Encrypted("sops")),
            ("apiVersion: v1\nkind: Secret\ndata:\n  auth.json: e30=\n", OtherFile::KubernetesSecret),
            (
                "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"auth.json\":\"e30=\"}}",
                OtherFile::KubernetesSecret,
            ),
            ("# keys\n\nexport OPENAI_API_KEY=k\n", OtherFile::Variables),
            ("-----BEGIN PRIVATE KEY\n", OtherFile::PrivateKey),
            ("{\"claudeAiOauth\":{\"accessToken\":\"t\"}}", OtherFile::ClaudeLogin),
        ] {
            assert_eq!(AuthFile::given(text).unwrap_err(), AuthProblem::Other(expected), "{text}");
        }
        for text in
            ["{", "sk-made-up", "model = \"m\"\n", "{\"kind\":\"Secret\"}", "a=b", "=", "kind: ConfigMap"]
        {
            assert!(!matches!(AuthFile::given(text), Err(AuthProblem::Other(_))), "{text}");
        }
    }
}
