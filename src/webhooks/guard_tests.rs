//! Every form of address that we know to have been used to get inside, and the few that may pass.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;

use super::guard::{Lookup, Target};
use crate::ports::courier::Reach::{Public, Sandbox};

/// Refused for every merchant.
const NEVER: &str = include_str!("refused_addresses.txt");

/// Refused for a merchant with real money, taken for one in the sandbox.
const SANDBOX_ONLY: &[&str] = &[
    "http://shop.example/hook",
    "http://shop.example:80/hook",
    "http://1.1.1.1/hook",
    "http://127.0.0.1:1024/",
    "http://localhost:8080/",
    "http://LOCALHOST:8080/",
    "https://localhost:8443/hook",
    "http://127.0.0.1:8080/hook?shop=1",
    "https://127.0.0.1:8443/",
    "https://127.8.9.10:65535",
    "http://[::1]:3000/hook",
    "https://[::1]:3000/hook",
];

/// Taken for every merchant.
const ALWAYS: &[&str] = &[
    "https://shop.example",
    "https://shop.example/",
    "HTTPS://Shop.Example/hook",
    "https://shop.example:443/hook",
    "https://shop.example/hook?merchant=7&x=%20",
    "https://a.b.c.shop.example/a/../b",
    "https://xn--fiqs8s.example/hook",
    "https://shop-1.example/@me:8080",
    "https://1.1.1.1/hook",
    "https://223.5.5.5:443/",
    "https://[2606:4700:4700::1111]/hook",
    "https://[2400:3200::1]:443/hook",
];

fn never() -> Vec<&'static str> {
    NEVER.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect()
}

#[test]
fn more_than_two_hundred_forms_are_refused_for_everybody() {
    let forms = never();
    assert!(forms.len() >= 200, "{}", forms.len());
    for form in forms {
        for reach in [Public, Sandbox] {
            let refused = Target::read(form, reach);
            assert!(refused.is_err(), "{form} is taken as {refused:?} ({reach:?})");
        }
    }
}

#[test]
fn the_sandbox_has_loopback_and_http_and_real_money_has_not() {
    for form in SANDBOX_ONLY {
        assert!(Target::read(form, Public).is_err(), "{form}");
        assert!(Target::read(form, Sandbox).is_ok(), "{form}: {:?}", Target::read(form, Sandbox));
    }
    for form in ALWAYS {
        for reach in [Public, Sandbox] {
            assert!(Target::read(form, reach).is_ok(), "{form}: {:?}", Target::read(form, reach));
        }
    }
}

#[test]
fn white_space_and_control_characters_are_refused_wherever_they_stand() {
    for letter in (0..=0x20).chain(0x7f..0x250).filter_map(char::from_u32) {
        for form in [
            format!("https://shop.example/{letter}"),
            format!("https://shop.ex{letter}ample/"),
            format!("{letter}https://shop.example/"),
            format!("ht{letter}tps://shop.example/"),
        ] {
            assert!(Target::read(&form, Sandbox).is_err(), "{form:?}");
        }
    }
    assert!(Target::read(&format!("https://shop.example/{}", "a".repeat(2000)), Sandbox).is_err());
}

/// Answers each question with the next of its lists of addresses.
struct Scripted {
    lists: Vec<&'static [&'static str]>,
    asked: AtomicUsize,
}

#[async_trait]
impl Lookup for Scripted {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let list = self.lists[self.asked.fetch_add(1, Ordering::SeqCst)];
        Ok(list.iter().map(|address| address.parse().unwrap()).collect())
    }
}

#[tokio::test]
async fn a_name_is_resolved_each_time_and_only_public_addresses_are_left() {
    let target = Target::read("https://shop.example/hook", Sandbox).unwrap();
    let lookup = Scripted {
        lists: vec![
            &["1.1.1.1", "2606:4700:4700::1111"],
            &["127.0.0.1"],
            &["10.0.0.1", "::ffff:1.1.1.1", "1.1.1.1", "fe80::1"],
            &[],
        ],
        asked: AtomicUsize::new(0),
    };
    let public: Vec<SocketAddr> = vec!["1.1.1.1:443".parse().unwrap(), "[2606:4700:4700::1111]:443".parse().unwrap()];
    assert_eq!(target.addresses(&lookup).await, Ok(public.clone()));
    assert!(target.addresses(&lookup).await.is_err(), "rebound to this machine, even in the sandbox");
    assert_eq!(target.addresses(&lookup).await, Ok(public[..1].to_vec()));
    assert!(target.addresses(&lookup).await.is_err());
}

#[tokio::test]
async fn an_address_is_not_resolved() {
    let lookup = Scripted { lists: Vec::new(), asked: AtomicUsize::new(0) };
    let target = Target::read("http://[::1]:3000/a?b=c", Sandbox).unwrap();
    assert_eq!(target.addresses(&lookup).await, Ok(vec!["[::1]:3000".parse().unwrap()]));
    assert_eq!(
        (target.host(), target.authority(), target.path_and_query()),
        ("::1", "[::1]:3000".to_owned(), "/a?b=c".to_owned())
    );
}
