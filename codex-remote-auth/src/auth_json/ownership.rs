//! Tells whether two logins have the same owner, without showing either.

use std::fmt;

use super::{AuthFile, Existing, Form};

/// How many hexadecimal digits of a fingerprint are shown.
const SHOWN_DIGITS: usize = 12;

/// Whether two logins have the same owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// They are of the same account and person, or they are the same key, token or agent.
    Same,
    /// They are of different accounts, people, keys or forms.
    Another {
        /// A short fingerprint of the first, such as `chatgpt:` and 12 hexadecimal digits.
        ours: String,
        /// A short fingerprint of the other.
        theirs: String,
    },
    /// This cannot be determined.
    Unknown {
        /// What is missing.
        why: OwnershipUnknown,
    },
}

/// Why the owners of two logins cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnershipUnknown {
    /// At least one of the two does not name its account.
    NoAccount,
    /// Both are of one account, but at least one does not name the person.
    NoPerson,
}

impl fmt::Display for OwnershipUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAccount => "one of the two logins does not name its account",
            Self::NoPerson => {
                "both logins are of one account, but one of them does not name the person; people can share an account"
            }
        })
    }
}

impl AuthFile {
    /// Whether these bytes are this login, or what Codex made of it when it renewed it.
    pub fn goes_on_in(&self, bytes: &[u8]) -> bool {
        if bytes == self.bytes().expose() {
            return true;
        }
        let Existing::Login(now) = Existing::read(bytes) else { return false };
        match self.owner_compared_with(&now) {
            Ownership::Same => now.last_refresh() >= self.last_refresh(),
            Ownership::Unknown { .. } => now.last_refresh() > self.last_refresh(),
            Ownership::Another { .. } => false,
        }
    }

    /// Whether the other login has the same owner. Logins of different forms never have.
    pub fn owner_compared_with(&self, other: &Self) -> Ownership {
        if self.bytes().expose() == other.bytes().expose() {
            return Ownership::Same;
        }
        if self.form() != other.form() {
            return Ownership::Another { ours: short_account(self), theirs: short_account(other) };
        }
        let (Some(ours), Some(theirs)) = (self.account(), other.account()) else {
            return Ownership::Unknown { why: OwnershipUnknown::NoAccount };
        };
        if ours.as_str() != theirs.as_str() {
            return Ownership::Another { ours: short_account(self), theirs: short_account(other) };
        }
        if self.form() != Form::ChatGpt {
            return Ownership::Same;
        }
        match (ours.person(), theirs.person()) {
            (Some(one), Some(two)) if one == two => Ownership::Same,
            (Some(one), Some(two)) => {
                let short = |person: &str| shortened(&format!("{}:{person}", self.form().label()));
                Ownership::Another { ours: short(one), theirs: short(two) }
            }
            _ => Ownership::Unknown { why: OwnershipUnknown::NoPerson },
        }
    }
}

fn short_account(auth: &AuthFile) -> String {
    match auth.account() {
        Some(account) => shortened(account.as_str()),
        None => format!("{}:unknown", auth.form().label()),
    }
}

fn shortened(fingerprint: &str) -> String {
    let label = fingerprint.find(':').map_or(0, |colon| colon + 1);
    fingerprint.chars().take(label + SHOWN_DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth_json::testing::{Chatgpt, agent, login};

    fn compared(one: &AuthFile, two: &AuthFile) -> Ownership {
        let (there, back) = (one.owner_compared_with(two), two.owner_compared_with(one));
        match (&there, &back) {
            (
                Ownership::Another { ours, theirs },
                Ownership::Another { ours: theirs_back, theirs: ours_back },
            ) => {
                assert_eq!((ours, theirs), (ours_back, theirs_back));
            }
            _ => assert_eq!(there, back),
        }
        there
    }

    fn is_another(one: &AuthFile, two: &AuthFile, labels: [&str; 2]) {
        let Ownership::Another { ours, theirs } = compared(one, two) else { panic!("taken for the same") };
        assert_ne!(ours, theirs);
        for (shown, label) in [(ours, labels[0]), (theirs, labels[1])] {
            let digits = shown.strip_prefix(label).unwrap_or_else(|| panic!("{shown}"));
            assert!(digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{shown}");
        }
    }

    #[test]
    fn chatgpt_logins_are_compared_by_account_and_person() {
        let one = Chatgpt::new().file();
        assert_eq!(
            compared(&one, &Chatgpt::new().file()),
            Ownership::Same,
            "renewed tokens of the same owner"
        );
        is_another(&one, &Chatgpt::new().account("other").file(), ["chatgpt:"; 2]);
        is_another(&one, &Chatgpt::new().person("other").file(), ["chatgpt:"; 2]);
    }

    #[test]
    fn the_id_token_names_the_account_if_the_field_is_missing() {
        let bare = Chatgpt::new().without("account_id").file();
        assert_eq!(compared(&Chatgpt::new().file(), &bare), Ownership::Same);
        is_another(&Chatgpt::new().account("other").file(), &bare, ["chatgpt:"; 2]);
    }

    #[test]
    fn a_missing_account_or_person_is_unknown_and_not_the_same() {
        let unknown = |why| Ownership::Unknown { why };
        let one = Chatgpt::new().file();
        let nobody = Chatgpt::new().no_claims().file();
        assert_eq!(compared(&one, &nobody), unknown(OwnershipUnknown::NoPerson));
        let nothing = Chatgpt::new().no_claims().without("account_id").file();
        assert_eq!(compared(&one, &nothing), unknown(OwnershipUnknown::NoAccount));
        assert_eq!(compared(&nothing, &nothing.clone()), Ownership::Same, "the same bytes");
    }

    #[test]
    fn keys_tokens_and_agents_are_compared_by_their_own_value() {
        let key = |key: &str| login(&format!(r#"{{"OPENAI_API_KEY":"{key}"}}"#));
        let same = login(r#"{"auth_mode":"apikey","OPENAI_API_KEY":"one","tokens":null}"#);
        assert_eq!(compared(&key("one"), &same), Ownership::Same);
        is_another(&key("one"), &key("two"), ["apikey:"; 2]);

        let pat = |token: &str| login(&format!(r#"{{"personal_access_token":"{token}"}}"#));
        let mode = r#"{"auth_mode":"personalAccessToken","personal_access_token":"one"}"#;
        assert_eq!(compared(&pat("one"), &login(mode)), Ownership::Same);
        is_another(&pat("one"), &pat("two"), ["accesstoken:"; 2]);

        assert_eq!(
            compared(&agent("one", "a"), &agent("one", "a")),
            Ownership::Same,
            "a new token of one agent"
        );
        is_another(&agent("one", "a"), &agent("two", "a"), ["agent:"; 2]);
        is_another(&agent("one", "a"), &agent("one", "b"), ["agent:"; 2]);
        let record =
            r#"{"auth_mode":"agentIdentity","agent_identity":{"agent_runtime_id":"one","account_id":"a"}}"#;
        assert_eq!(
            compared(&agent("one", "a"), &login(record)),
            Ownership::Same,
            "the record that Codex keeps"
        );

        let bedrock =
            |key: &str| login(&format!(r#"{{"bedrock_api_key":{{"region":"r","api_key":"{key}"}}}}"#));
        let moved = login(r#"{"bedrock_api_key":{"api_key":"one","region":"s"}}"#);
        assert_eq!(compared(&bedrock("one"), &moved), Ownership::Same);
        is_another(&bedrock("one"), &bedrock("two"), ["bedrock:"; 2]);
    }

    #[test]
    fn another_form_is_another_login() {
        let key = login(r#"{"OPENAI_API_KEY":"k"}"#);
        let pat = login(r#"{"personal_access_token":"k"}"#);
        is_another(&Chatgpt::new().file(), &key, ["chatgpt:", "apikey:"]);
        is_another(&key, &pat, ["apikey:", "accesstoken:"]);
        is_another(&pat, &agent("k", "k"), ["accesstoken:", "agent:"]);
    }

    #[test]
    fn an_unknown_account_is_named_as_such_beside_another_form() {
        let nothing = Chatgpt::new().no_claims().without("account_id").file();
        let compared = nothing.owner_compared_with(&login(r#"{"OPENAI_API_KEY":"k"}"#));
        assert!(matches!(compared, Ownership::Another { ours, .. } if ours == "chatgpt:unknown"));
    }
}
