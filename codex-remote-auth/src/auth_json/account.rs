//! Whose login it is, without showing it.

use super::Form;
use super::secret::sha256_hex;

/// Whose login it is: the SHA-256 of the account, the key or the agent behind the name of the form, and that of the
/// person, because the members of a workspace share its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginOwner {
    whose: String,
    person: Option<String>,
}

impl LoginOwner {
    pub(super) fn of(form: Form, identity: &str, person: Option<&str>) -> Self {
        Self {
            whose: format!("{}:{}", form.label(), sha256_hex(identity.as_bytes())),
            person: person.map(|person| sha256_hex(person.as_bytes())),
        }
    }

    /// The name of the form, a colon, and 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.whose
    }

    /// 64 hexadecimal digits; `None` where the login does not name the person.
    pub fn person(&self) -> Option<&str> {
        self.person.as_deref()
    }
}
