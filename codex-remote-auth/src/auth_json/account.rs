//! Identifies the owner of a login without showing the login.

use super::Form;
use super::secret::sha256_hex;

/// The owner of a login: the form's label and the SHA-256 of the account, key or agent. It also has the SHA-256 of the
/// person, because the members of a workspace share one account.
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

    /// The form's label, a colon, and 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.whose
    }

    /// 64 hexadecimal digits; `None` if the login does not name the person.
    pub fn person(&self) -> Option<&str> {
        self.person.as_deref()
    }
}
