//! Decides which page a login may send a person to, and which port of this machine it may use. The host prints both,
//! and an attacker on the host can print anything. So anything that is not Codex's own needs the person's consent.

use url::{Host, Url};

use super::place::place;
use super::{Doubt, LoginError, Tell};
use crate::ssh::TrustAnswer;

/// The hosts of the pages where people log in to Codex.
const HOSTS: &[&str] = &["auth.openai.com", "chatgpt.com"];

/// The ports on which Codex waits for a browser: the second if the first is in use.
const PORTS: &[u16] = &[1455, 1457];

/// Checks that people log in at this page, or that the person agrees to it.
///
/// # Errors
/// [`LoginError::PageNotTrusted`].
pub(super) fn page(link: &str, issuer: Option<&str>, tell: &dyn Tell) -> Result<(), LoginError> {
    if is_own(link, issuer) {
        return Ok(());
    }
    match tell.allows(Doubt::Page(link)) {
        TrustAnswer::Yes => Ok(()),
        answer => Err(LoginError::PageNotTrusted { page: place(link), answer }),
    }
}

/// Checks that a browser login ends on this machine, and returns the port that the page sends the browser to.
///
/// # Errors
/// [`LoginError::SentElsewhere`], [`LoginError::PageNotTrusted`] and [`LoginError::PortNotTrusted`].
pub(super) fn browser(link: &str, issuer: Option<&str>, tell: &dyn Tell) -> Result<u16, LoginError> {
    let port = sent_back_to(link).map_err(|to| LoginError::SentElsewhere { to })?;
    page(link, issuer, tell)?;
    if PORTS.contains(&port) {
        return Ok(port);
    }
    match tell.allows(Doubt::Port(port)) {
        TrustAnswer::Yes => Ok(port),
        answer => Err(LoginError::PortNotTrusted { port, answer }),
    }
}

/// Whether a page belongs to Codex, or to the issuer that the caller named.
fn is_own(link: &str, issuer: Option<&str>) -> bool {
    let Some(url) = strict(link) else { return false };
    let own = url.scheme() == "https"
        && url.port().is_none()
        && url.host_str().is_some_and(|host| HOSTS.contains(&host));
    let issuer = issuer.and_then(|issuer| Url::parse(issuer).ok()).filter(is_safe);
    own || issuer.is_some_and(|issuer| issuer.origin() == url.origin())
}

/// A link that means the same to a browser as to the person who reads it: without a user name or password, and written
/// as a browser would write it. This excludes backslashes, escapes and capitals in the host, other alphabets, and line
/// breaks.
fn strict(link: &str) -> Option<Url> {
    let url = Url::parse(link).ok()?;
    let plain = url.as_str() == link && url.username().is_empty() && url.password().is_none();
    plain.then_some(url)
}

/// Whether nobody on the network can replace this page with another.
fn is_safe(issuer: &Url) -> bool {
    match issuer.scheme() {
        "https" => true,
        "http" => issuer.host().is_some_and(|host| is_loopback(&host)),
        _ => false,
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// The port of this machine to which the page sends the browser with the login. An error names another destination in
/// words.
fn sent_back_to(link: &str) -> Result<u16, String> {
    let unreadable = || "an address that cannot be read".to_owned();
    let url = strict(link).ok_or_else(unreadable)?;
    let mut all = url.query_pairs().filter(|(name, _)| name == "redirect_uri");
    let (Some((_, back)), None) = (all.next(), all.next()) else {
        return Err("more than one address".to_owned());
    };
    let to = strict(&back).ok_or_else(|| place(&back))?;
    let here = matches!(to.host_str(), Some("localhost" | "127.0.0.1")) && to.scheme() == "http";
    to.port().filter(|_| here).ok_or_else(|| place(&back))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::message::Failure as _;

    #[test]
    fn only_pages_of_codex_are_opened_without_asking() {
        for link in [
            "https://auth.openai.com/codex/device",
            "https://chatgpt.com/",
            "https://auth.openai.com/oauth/authorize?a=b&redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fx",
            "https://auth.openai.com/@evil.example/",
        ] {
            assert!(is_own(link, None), "{link}");
        }
        for link in [
            "http://auth.openai.com/codex/device",
            "https://auth.openai.com:444/codex/device",
            "https://auth.openai.com:443/codex/device",
            "https://auth.openai.com.evil.example/codex/device",
            "https://auth.openai.com./codex/device",
            "https://evil.example/auth.openai.com",
            "https://evil.example#auth.openai.com/",
            "https://auth.openai.com@evil.example/",
            "https://auth.openai.com:443@evil.example/",
            "https://me@auth.openai.com/",
            "https://:secret@auth.openai.com/",
            "https://evil.example\\@auth.openai.com/",
            "https://auth.openai.com\\@evil.example/",
            "https:\\\\auth.openai.com/",
            "https:auth.openai.com/",
            "https:///auth.openai.com/",
            "HTTPS://auth.openai.com/",
            "https://AUTH.openai.com/",
            "https://%61uth.openai.com/",
            "https://auth%2eopenai.com/",
            "https://auth.openai.com%2f.evil.example/",
            "https://\u{430}uth.openai.com/",
            "https://xn--uth-7cd.openai.com/",
            "https://auth\u{3002}openai.com/",
            "https://auth.openai.com\u{200b}/",
            "https://auth.openai.com/\u{202e}",
            "https://auth.open\tai.com/",
            " https://auth.openai.com/",
            "https://www.chatgpt.com/",
            "https://openai.com/",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "--version",
            "",
        ] {
            assert!(!is_own(link, None), "{link}");
        }
    }

    #[test]
    fn an_issuer_is_trusted_only_over_https_or_loopback() {
        let link = |at: &str| format!("{at}/codex/device");
        for issuer in
            ["http://127.0.0.1:8790", "http://[::1]:8790", "http://localhost:8790", "https://sso.example"]
        {
            assert!(is_own(&link(issuer), Some(&format!("{issuer}/some/path"))), "{issuer}");
        }
        for (issuer, page) in [
            ("http://sso.example", "http://sso.example"),
            ("http://127.0.0.1:8790", "http://127.0.0.1:8791"),
            ("http://127.0.0.1:8790", "https://127.0.0.1:8790"),
            ("http://127.0.0.1:8790", "http://127.0.0.1"),
            ("http://127.0.0.1.evil.example", "http://127.0.0.1.evil.example"),
            ("https://sso.example", "https://sso.example.evil.example"),
            ("data:x", "data:x"),
        ] {
            assert!(!is_own(&link(page), Some(issuer)), "{issuer} {page}");
        }
    }

    fn back(to: &str) -> Result<u16, String> {
        let query: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        sent_back_to(&format!("https://auth.openai.com/oauth/authorize?redirect_uri={query}&state=s"))
    }

    #[test]
    fn a_browser_is_sent_back_only_to_this_machine() {
        assert_eq!(back("http://localhost:1455/auth/callback"), Ok(1455));
        assert_eq!(back("http://127.0.0.1:1457/auth/callback"), Ok(1457));
        for elsewhere in [
            "http://evil.example:1455/auth/callback",
            "http://localhost.evil.example:1455/",
            "http://localhost@evil.example:1455/",
            "http://localhost:1455@evil.example/",
            "http://127.0.0.1.evil.example:1455/",
            "http://2130706433:1455/",
            "https://localhost:1455/",
            "http://localhost/",
            "http://10.0.0.1:1455/",
            "localhost:1455",
            "",
        ] {
            assert!(back(elsewhere).is_err(), "{elsewhere}");
        }
        let one = "redirect_uri=http%3A%2F%2Flocalhost%3A1455%2F";
        let two = format!("https://auth.openai.com/?{one}&redirect_uri=http%3A%2F%2Fevil.example%3A1455%2F");
        assert!(sent_back_to(&two).is_err() && sent_back_to("https://auth.openai.com/").is_err());
    }

    /// Gives every doubt the same answer, and records what it was asked.
    struct Person(TrustAnswer, Mutex<Vec<String>>);

    impl Tell for Person {
        fn device(&self, _: &str, _: &str) {}
        fn browser(&self, _: &str, _: u16) {}
        fn proving(&self) {}
        fn allows(&self, doubt: Doubt<'_>) -> TrustAnswer {
            self.1.lock().unwrap().push(format!("{doubt:?}"));
            self.0
        }
    }

    #[test]
    fn only_a_doubt_is_asked_about() {
        let link = |at: &str, port: u16| {
            format!("https://{at}/?redirect_uri=http%3A%2F%2Flocalhost%3A{port}%2Fa&state=secret")
        };
        for (at, port, asked) in [
            ("auth.openai.com", 1455, &[][..]),
            ("auth.openai.com", 1457, &[]),
            ("auth.openai.com", 22, &["Port(22)"]),
            ("evil.example", 1455, &["Page(https://evil.example)"]),
            ("evil.example", 8080, &["Page(https://evil.example)", "Port(8080)"]),
        ] {
            let agrees = Person(TrustAnswer::Yes, Mutex::default());
            assert_eq!(browser(&link(at, port), None, &agrees), Ok(port));
            assert_eq!(*agrees.1.lock().unwrap(), asked);
            for answer in [TrustAnswer::No, TrustAnswer::Nobody] {
                let refuses = Person(answer, Mutex::default());
                let outcome = browser(&link(at, port), None, &refuses);
                assert_eq!(outcome.is_ok(), asked.is_empty());
                assert!(!format!("{outcome:?}").contains("secret"));
                let Err(error) = outcome else { continue };
                // Whoever said no is not advised to run it where they are asked.
                let told = error.in_full();
                assert_eq!(told.contains("run this in a terminal"), answer == TrustAnswer::Nobody, "{told}");
            }
        }
        let elsewhere = "https://auth.openai.com/?redirect_uri=http%3A%2F%2Fevil.example%3A1455%2F";
        let agrees = Person(TrustAnswer::Yes, Mutex::default());
        let error = browser(elsewhere, None, &agrees).unwrap_err();
        assert_eq!(error, LoginError::SentElsewhere { to: "http://evil.example:1455".to_owned() });
        assert!(agrees.1.lock().unwrap().is_empty(), "nobody may agree to that");
    }
}
