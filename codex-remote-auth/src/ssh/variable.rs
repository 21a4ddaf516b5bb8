//! An environment variable that the configuration sends to the host.

use std::fmt;

use zeroize::Zeroizing;

/// A variable of `SetEnv` or `SendEnv`. A server sets it only if its `AcceptEnv` allows that.
///
/// Its value may be a token: `Debug` leaves it out.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    pub(super) name: String,
    pub(super) value: Zeroizing<String>,
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Variable({})", self.name)
    }
}
