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
            Reply::new(302, "").with("location", &gateway.entry(number).asked["frontUrl"])
        }
        ("GET", ["favicon.ico"]) => Reply::new(204, ""),
        _ => Reply::new(404, ""),
    }
}

fn page(body: &str) -> Reply {
    let page = format!("<!doctype html><meta charset=utf-8><title>银联在线支付</title>{body}");
    Reply::new(200, page).with("content-type", "text/html")
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
        Ok(()) => passing_on(&format!("/cashier/{}", form["orderId"]), &Form::new()),
        Err(code) => page(&format!("<p id=refused>{code}</p>")),
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
    let news = gateway.news(number);
    tokio::spawn(async move { news.deliver().await.expect(200) });
    passing_on(&asked["frontUrl"], &signed(gateway.notice(number, price), &identities().unionpay))
}
