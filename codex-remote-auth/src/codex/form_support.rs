//! Which releases of codex know a form of login.

use semver::Version;

use crate::auth_json::Form;

/// The newest release that was seen not to know the form, and the oldest that was seen to know it. `None` for forms
/// that every measured release knows. Measured with `login status` on the pinned releases from 0.133.0 to 0.163.0.
fn seen(form: Form) -> Option<[Version; 2]> {
    match form {
        Form::ChatGpt | Form::ApiKey | Form::AgentIdentity => None,
        Form::AccessToken | Form::BedrockApiKey => Some([Version::new(0, 136, 0), Version::new(0, 144, 4)]),
        Form::BedrockAccessKeys => Some([Version::new(0, 149, 0), Version::new(0, 153, 4)]),
    }
}

/// Whether some releases do not know this form, so that the release has to be asked for.
pub fn depends_on_the_release(form: Form) -> bool {
    seen(form).is_some()
}

/// Why a release cannot use a login of this form: it is too old. `None` if it knows the form, or if that is not known.
pub fn too_old_for(form: Form, release: &str) -> Option<String> {
    let [without, with] = seen(form)?;
    let release = Version::parse(release).ok().filter(|release| *release <= without)?;
    Some(format!("codex {release} does not know this form of login ({}); {with} and later do", form.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_release_that_was_seen_not_to_know_a_form_is_too_old() {
        let old = |form, release| too_old_for(form, release).is_some();
        assert!(old(Form::AccessToken, "0.133.0") && old(Form::BedrockApiKey, "0.136.0"));
        assert!(old(Form::BedrockAccessKeys, "0.149.0"));
        for (form, release) in [
            (Form::AccessToken, "0.144.4"),
            (Form::AccessToken, "0.140.0"),
            (Form::BedrockAccessKeys, "0.153.4"),
            (Form::ChatGpt, "0.80.0"),
            (Form::ApiKey, "0.80.0"),
            (Form::AccessToken, "unknown"),
        ] {
            assert!(!old(form, release), "{form:?} {release}");
        }
        let says = too_old_for(Form::AccessToken, "0.133.0").unwrap();
        assert_eq!(
            says,
            "codex 0.133.0 does not know this form of login (access token); 0.144.4 and later do"
        );
        assert!(depends_on_the_release(Form::AccessToken) && !depends_on_the_release(Form::ChatGpt));
    }
}
