//! What the configuration on the host does to a login.

use super::Finding;
use super::facts::Facts;

pub(super) fn findings(_facts: &Facts) -> Vec<Finding> {
    Vec::new()
}
