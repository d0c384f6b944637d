//! Where an endpoint may be: its address as text, and what its name resolves to.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use async_trait::async_trait;
use url::{Host, Url};

use crate::ports::courier::Reach;
use crate::ports::public_address::is_public;

/// The longest address that is taken, in bytes.
const LONGEST: usize = 2000;
/// The first port of an endpoint on this machine: the ones below belong to the system's own services.
const FIRST_LOOPBACK_PORT: u16 = 1024;

/// An endpoint's address that has passed the rules. Nothing is dialled but through one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    url: Url,
    port: u16,
    place: Place,
}

/// Where a target is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// At an address that has been checked.
    At(IpAddr),
    /// On this machine, by the one name that always means it; nobody is asked for its addresses.
    Localhost,
    /// At whatever public address this name has when it is asked for.
    Named(String),
}

/// Asks for the addresses of a name.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// All of them, in the order in which to try them.
    ///
    /// # Errors
    /// The name cannot be resolved now.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's own way of resolving names.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

impl Target {
    /// The target at this address.
    ///
    /// # Errors
    /// The broken rule, for the merchant to read.
    pub fn read(text: &str, reach: Reach) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("must have at most {LONGEST} characters"));
        }
        // What a parser would repair in silence is refused: what is checked must be what stands there.
        let odd = |letter: char| !letter.is_ascii_graphic() || matches!(letter, '\\' | '#');
        if text.chars().any(odd) {
            return Err(
                "must be written in visible ASCII without \\ and # (names in other scripts as xn--…)".to_owned()
            );
        }
        let url = Url::parse(text).map_err(|_| "must be a web address such as https://shop.example/hook".to_owned())?;
        let https = || "must begin with https://".to_owned();
        let (scheme, authority) = split(text).ok_or_else(https)?;
        if !scheme.eq_ignore_ascii_case(url.scheme()) || !matches!(url.scheme(), "https" | "http") {
            return Err(https());
        }
        if authority.contains('@') {
            return Err("must not hold a user name or a password".to_owned());
        }
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err("must name a host".to_owned());
        };
        let written = authority.to_ascii_lowercase();
        if written != host && written != format!("{host}:{port}") {
            return Err(format!("must name its host in the usual spelling ({host})"));
        }
        let place = place(&url, port, reach)?;
        Ok(Self { port, place, url })
    }

    /// The addresses that may be dialled now, in the order in which to try them; never empty. A name is resolved each time.
    ///
    /// # Errors
    /// Why there is none, for the merchant to read.
    pub async fn addresses(&self, lookup: &dyn Lookup) -> Result<Vec<SocketAddr>, String> {
        let found = match &self.place {
            Place::At(address) => return Ok(vec![SocketAddr::new(*address, self.port)]),
            Place::Localhost => {
                let both = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
                return Ok(both.map(|address| SocketAddr::new(address, self.port)).to_vec());
            }
            Place::Named(name) => lookup.addresses(name).await.map_err(|_| "the name cannot be resolved".to_owned())?,
        };
        let public = found.into_iter().filter(|address| is_public(*address));
        let public: Vec<_> = public.map(|address| SocketAddr::new(address, self.port)).collect();
        if public.is_empty() { Err("the name leads to no public address".to_owned()) } else { Ok(public) }
    }

    /// Whether TLS protects the way.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host as a certificate names it.
    #[must_use]
    pub fn host(&self) -> &str {
        let host = self.url.host_str().unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The value of the `Host` header.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The path with the query.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        let path = self.url.path().to_owned();
        self.url.query().map_or(path.clone(), |query| format!("{path}?{query}"))
    }
}

/// The scheme and the authority as they are written.
fn split(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    Some((scheme, authority))
}

fn place(url: &Url, port: u16, reach: Reach) -> Result<Place, String> {
    const ELSEWHERE: &str = "must lead to a public address";
    let on_this_machine = |place: Place| {
        let allowed = reach == Reach::Sandbox && port >= FIRST_LOOPBACK_PORT;
        let rule = "may be on a loopback address only in the sandbox, with a port from 1024";
        if allowed { Ok(place) } else { Err(rule.to_owned()) }
    };
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        Some(Host::Domain("localhost")) => return on_this_machine(Place::Localhost),
        Some(Host::Domain(_)) => None,
        None => return Err("must name a host".to_owned()),
    };
    if let Some(address) = address.filter(IpAddr::is_loopback) {
        return on_this_machine(Place::At(address));
    }
    let usual = match (url.scheme(), reach) {
        ("https", _) => port == 443,
        (_, Reach::Sandbox) => port == 80,
        (_, Reach::Public) => return Err("must begin with https://".to_owned()),
    };
    if !usual {
        return Err("must be on port 443 (in the sandbox also http on port 80, and loopback addresses such as 127.0.0.1 with a port from 1024)".to_owned());
    }
    match address {
        Some(address) if is_public(address) => Ok(Place::At(address)),
        Some(_) => Err(ELSEWHERE.to_owned()),
        None => name(url.host_str().unwrap_or_default()).map(Place::Named),
    }
}

/// Names that can only mean something inside are refused before anybody resolves them.
fn name(name: &str) -> Result<String, String> {
    const INSIDE: [&str; 7] = ["localhost", "local", "internal", "intranet", "lan", "home", "arpa"];
    let labels: Vec<&str> = name.split('.').collect();
    let letters = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if labels.len() < 2 || name.len() > 253 || !labels.iter().all(letters) {
        return Err("must name its host in full, such as shop.example (on this machine: 127.0.0.1 or [::1])".to_owned());
    }
    if labels.last().is_some_and(|last| INSIDE.contains(last)) {
        return Err("must not name a host that is known only inside a network".to_owned());
    }
    Ok(name.to_owned())
}
