//! Reads JSON in place. Values borrow from the text, so parsing a login does not make a second copy of a token.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroize;

/// A string in the text. It borrows unless an escape forces a copy; that copy is wiped on drop.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Drop for Text<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(text) = &mut self.0 {
            text.zeroize();
        }
    }
}

/// The members of an object, in order. A repeated name appears as often as in the text.
pub(super) struct Object<'a>(Vec<(Text<'a>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// `None` if the value is not an object. The text is known to be valid JSON.
    pub(super) fn of(value: &'a RawValue) -> Option<Self> {
        serde_json::from_str(value.get()).ok()
    }

    /// The first member with this name, unless it is null.
    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let (_, value) = self.0.iter().find(|(member, _)| **member == *name)?;
        Some(*value).filter(|value| value.get() != "null")
    }

    /// The first of these names that appears twice. Codex refuses such a file; other readers use the last value.
    pub(super) fn repeated(&self, names: &[&'static str]) -> Option<&'static str> {
        let count = |name: &str| self.0.iter().filter(|(member, _)| **member == *name).count();
        names.iter().copied().find(|name| count(name) > 1)
    }

    /// Whether a member that is not in `names` has a value other than null or empty.
    pub(super) fn has_more_than(&self, names: &[&str]) -> bool {
        let empty = |value: &RawValue| matches!(value.get(), "null" | "\"\"" | "{}" | "[]");
        self.0.iter().any(|(member, value)| !names.contains(&&**member) && !empty(value))
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_borrow_and_names_are_compared_without_their_escapes() {
        let text = r#"{"a\u0062": "plain", "null": null, "a\u0062": 2, "c": "x\n"}"#;
        let value: &RawValue = serde_json::from_str(text).unwrap();
        let object = Object::of(value).unwrap();
        let plain: Text<'_> = serde_json::from_str(object.get("ab").unwrap().get()).unwrap();
        assert!(matches!(plain.0, Cow::Borrowed("plain")));
        let escaped: Text<'_> = serde_json::from_str(object.get("c").unwrap().get()).unwrap();
        assert_eq!(&*escaped, "x\n");
        assert!(object.get("null").is_none() && object.get("none").is_none());
        assert_eq!(object.repeated(&["c", "ab"]), Some("ab"));
        assert!(object.has_more_than(&["ab"]) && !object.has_more_than(&["ab", "c"]));
    }
}
