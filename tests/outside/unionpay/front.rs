//! The pages of the pretended UnionPay: a browser brings a signed form, a person pays or cancels, the browser is sent back.

use super::gateway::{Form, Gateway, signed};
use super::keys::identities;
use crate::wechat::gateway::Asked;

/// Status, further lines of the head, and the page.
type Page = (u16, String, String);

/// The answer to a request for one of the pages; `None` for any other.
pub async fn answer(gateway: &Gateway, asked: &Asked) -> Option<Page> {
    let parts: Vec<&str> = asked.target.split('/').skip(1).collect();
    match (asked.method.as_str(), &parts[..]) {
        ("POST", ["gateway", "api", "frontTransReq.do"]) => Some(begin(gateway, asked)),
        ("POST", ["cashier", number]) => Some(cashier(gateway, number)),
        ("POST", ["cashier", number, "pay"]) => Some(paid(gateway, number).await),
        ("POST", ["cashier", number, "cancel"]) => {
            let back = gateway.entry(number).asked["frontUrl"].clone();
            Some((302, format!("location: {back}\r\n"), String::new()))
        }
        ("GET", ["favicon.ico"]) => Some((204, String::new(), String::new())),
        _ => None,
    }
}

fn page(status: u16, body: &str) -> Page {
    let page = format!("<!doctype html><meta charset=utf-8><title>银联在线支付</title>{body}");
    (status, "content-type: text/html\r\n".to_owned(), page)
}

/// A form that sends itself where scripts run.
fn passing_on(to: &str, fields: &Form) -> Page {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let inputs: String = fields
        .iter()
        .map(|(name, value)| format!("<input type=hidden name=\"{name}\" value=\"{}\">", escaped(value)))
        .collect();
    let form = format!("<form id=on method=post action=\"{}\">{inputs}<button id=go>继续</button></form>", escaped(to));
    page(200, &format!("{form}<script>document.getElementById('on').submit();</script>"))
}

/// The front door answers with a page that leads on to the cashier.
fn begin(gateway: &Gateway, asked: &Asked) -> Page {
    let form: Form = url::form_urlencoded::parse(&asked.body).into_owned().collect();
    match gateway.enter(&form) {
        Ok(_) => passing_on(&format!("/cashier/{}", form["orderId"]), &Form::new()),
        Err(code) => page(200, &format!("<p id=refused>{code}</p>")),
    }
}

fn cashier(gateway: &Gateway, number: &str) -> Page {
    let price = &gateway.entry(number).asked["txnAmt"];
    let button = |act: &str| {
        format!("<form method=post action=\"/cashier/{number}/{act}\"><button id={act}>{act}</button></form>")
    };
    page(200, &format!("<p>{price}</p>{}{}", button("pay"), button("cancel")))
}

/// Paid: the shop is told, and the browser goes back with a signed form.
async fn paid(gateway: &Gateway, number: &str) -> Page {
    gateway.pay(number).await.expect(200);
    let asked = gateway.entry(number).asked;
    let price = asked["txnAmt"].parse().expect("an amount");
    passing_on(&asked["frontUrl"], &signed(gateway.notice(number, price), &identities().unionpay))
}
