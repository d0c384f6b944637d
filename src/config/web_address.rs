//! Web addresses that an operator sets: https everywhere, plain http only where nobody can listen in.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use url::{Host, Url};

/// Where buyers reach this program: scheme, host and port, in their normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address without a slash at its end: `https://pay.example`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host; `None` never happens.
    pub(super) fn host(&self) -> Option<Host> {
        Url::parse(&self.0).ok()?.host().map(|host| host.to_owned())
    }

    /// The address for want of another: the one that is really listened on, plain http. "Any address" becomes the loopback
    /// one, because nobody can open `0.0.0.0`.
    #[must_use]
    pub fn of_listener(address: SocketAddr) -> Self {
        let mut reachable = address;
        if address.ip().is_unspecified() {
            reachable.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        match reachable.port() {
            80 => Self(format!("http://{}", host_of(reachable.ip()))),
            port => Self(format!("http://{}:{port}", host_of(reachable.ip()))),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        origin(text).map(Self)
    }
}

/// Scheme, host and port alone (`https://shop.example`), in their normal form.
///
/// # Errors
/// The broken rule, without the address: it may hold a password.
pub(super) fn origin(text: &str) -> Result<String, String> {
    let url = address(text)?;
    if url.path() != "/" {
        return Err("must have no path after the host".to_owned());
    }
    Ok(url.origin().ascii_serialization())
}

/// A wallet's gateway: as [`origin`], and a path may follow.
///
/// # Errors
/// The broken rule, without the address.
pub(super) fn gateway(text: &str) -> Result<Url, String> {
    address(text)
}

fn address(text: &str) -> Result<Url, String> {
    // The parser drops white space and control characters silently; what is read must be what stands in the file.
    let url = Some(text).filter(|text| !text.chars().any(|letter| letter.is_whitespace() || letter.is_control()));
    let url = url.and_then(|text| Url::parse(text).ok());
    let url = url.ok_or("must be a web address such as https://pay.example")?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err("must begin with https:// (http:// is for loopback addresses only)".to_owned()),
        _ => return Err("must begin with https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or a password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must have no ? or # part".to_owned());
    }
    if url.port() == Some(0) {
        return Err("must not have port 0".to_owned());
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn host_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_brought_to_its_normal_form_without_a_slash() {
        for (text, normal) in [
            ("https://pay.example", "https://pay.example"),
            ("https://PAY.example:443/", "https://pay.example"),
            ("https://pay.example:8443", "https://pay.example:8443"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost:3000", "http://localhost:3000"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().as_ref().map(PublicUrl::as_str), Ok(normal), "{text}");
        }
    }

    #[test]
    fn each_part_that_does_not_belong_in_an_address_is_refused_by_its_own_rule() {
        for (text, rule) in [
            ("pay.example", "web address"),
            ("", "web address"),
            ("https://pay.\nexample", "web address"),
            ("http://pay.example", "loopback addresses only"),
            ("http://127.0.0.1.evil.example", "loopback addresses only"),
            ("http://0.0.0.0:8080", "loopback addresses only"),
            ("ftp://pay.example", "begin with https://"),
            ("javascript:alert(1)", "begin with https://"),
            ("https://anna:secret@pay.example", "password"),
            ("https://pay.example/shop", "no path"),
            ("https://pay.example?x", "no ? or #"),
            ("https://pay.example#x", "no ? or #"),
            ("https://pay.example:0", "port 0"),
        ] {
            let fault = text.parse::<PublicUrl>().unwrap_err();
            assert!(fault.contains(rule), "{text}: {fault}");
            assert!(!fault.contains("secret"));
        }
        assert!(gateway("https://openapi.alipay.com/gateway.do").is_ok());
        assert!(gateway("http://openapi.alipay.com/gateway.do").is_err());
    }

    #[test]
    fn an_address_made_from_the_listener_can_be_opened() {
        for (listener, url) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("0.0.0.0:9000", "http://127.0.0.1:9000"),
            ("[::]:9000", "http://127.0.0.1:9000"),
            ("192.168.1.5:80", "http://192.168.1.5"),
        ] {
            assert_eq!(PublicUrl::of_listener(listener.parse().unwrap()).as_str(), url);
        }
    }
}
