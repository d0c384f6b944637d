//! The pages of the pretended UnionPay: a browser brings a signed form, a person pays or cancels, the browser is sent back.

use super::Gateway;
use super::gateway::{Form, form_of, signed};
use super::keys::identities;
use crate::harness::now;
use crate::pretended::{Asked, Reply};

/// The answer to a request for one of the pages.
pub fn answer(gateway: &Gateway, asked: &Asked) -> Reply {
    let parts: Vec<&str> = asked.target.split('/').skip(1).collect();
    match (asked.method.as_str(), &parts[..]) {
        ("POST", ["gateway", "api", "frontTransReq.do"]) => begin(gateway, asked),
        ("POST", ["cashier", number]) => cashier(gateway, number),
        ("POST", ["cashier", number, "pay"]) => paid(gateway, number),
        ("POST", ["cashier", number, "cancel"]) => {
            let back = gateway.entry(number).asked["frontUrl"].clone();
            Reply::new(302, "").with("location", &back)
        }
        ("GET", ["favicon.ico"]) => Reply::new(204, ""),
        _ => Reply::new(404, ""),
    }
}

fn page(status: u16, body: &str) -> Reply {
    let page = format!("<!doctype html><meta charset=utf-8><title>银联在线支付</title>{body}");
    Reply::new(status, page).with("content-type", "text/html")
}

/// A form that sends itself where scripts run.
fn passing_on(to: &str, fields: &Form) -> Reply {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let inputs: String = fields
        .iter()
        .map(|(name, value)| format!("<input type=hidden name=\"{name}\" value=\"{}\">", escaped(value)))
        .collect();
    let form = format!("<form id=on method=post action=\"{}\">{inputs}<button id=go>继续</button></form>", escaped(to));
    page(&format!("{form}<script>document.getElementById('on').submit();</script>"))
}

/// The front door answers with a page that leads on to the cashier.
fn begin(gateway: &Gateway, asked: &Asked) -> Reply {
    let form = form_of(asked);
    match gateway.book(|book| book.enter(&form)) {
        Ok(_) => passing_on(&format!("/cashier/{}", form["orderId"]), &Form::new()),
        Err(code) => page(200, &format!("<p id=refused>{code}</p>")),
    }
}

fn cashier(gateway: &Gateway, number: &str) -> Reply {
    let price = &gateway.entry(number).asked["txnAmt"];
    let button = |act: &str| {
        format!("<form method=post action=\"/cashier/{number}/{act}\"><button id={act}>{act}</button></form>")
    };
    page(&format!("<p>{price}</p>{}{}", button("pay"), button("cancel")))
}

/// Paid: the shop is told, and the browser goes back with a signed form.
fn paid(gateway: &Gateway, number: &str) -> Reply {
    let asked = gateway.entry(number).asked;
    let price = asked["txnAmt"].parse().expect("an amount");
    gateway.book(|book| book.pay(number, price, now()));
    let back = passing_on(&asked["frontUrl"], &signed(gateway.notice(number, price), &identities().unionpay));
    Reply { first: Some(gateway.news(number)), ..back }
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split_once(&format!("{name}=\"")).unwrap_or_else(|| panic!("no {name}: {tag}")).1;
    let value = value.split('"').next().unwrap();
    value.replace("&#43;", "+").replace("&#38;", "&").replace("&amp;", "&").replace("&#61;", "=")
}

/// The form that leads to the wallet: where it goes and what it holds.
pub fn leaving(page: &str) -> (String, Form) {
    let form = page.split("<form").find(|form| form.contains("data-leave")).expect("a form that leaves");
    let form = form.split("</form>").next().unwrap();
    let fields = form.split("<input").skip(1).map(|input| (attribute(input, "name"), attribute(input, "value")));
    (attribute(form, "action"), fields.collect())
}
