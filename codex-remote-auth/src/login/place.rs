//! The part of a link that may be shown.

use url::Url;

/// A link without its secret parts: only the scheme, host and port.
pub(super) fn place(link: &str) -> String {
    let Ok(url) = Url::parse(link) else { return "an address that cannot be read".to_owned() };
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{}://{host}{port}", url.scheme())
}
