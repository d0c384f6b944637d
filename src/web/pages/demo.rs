//! The demo shop: a cart, an order, and a look at its checkout from inside other apps.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::handoff::{HostApp, Platform};
use crate::domain::locale::Locale;
use crate::domain::merchant::Merchant;
use crate::domain::money::{Amount, Currency, Money};
use crate::domain::order::{MerchantOrderNo, OrderRequest};
use crate::domain::time::Span;
use crate::links::TokenPage;
use crate::ports::store::LedgerKey;
use crate::views::demo::{DemoOrderPage, DemoProduct, DemoShopPage};
use crate::web::error::Fault;
use crate::web::extract::{Body, Form, Shared, part};
use crate::web::render::{frame, page, see_other};
use crate::web::visitor::Visitor;

/// One thing in the shop: identifier, Chinese name and note, English name and note, price in fen.
struct Ware {
    id: &'static str,
    zh: (&'static str, &'static str),
    en: (&'static str, &'static str),
    fen: i64,
}

const WARES: [Ware; 4] = [
    Ware {
        id: "teapot",
        zh: ("青瓷茶壶", "龙泉青瓷，容量 220 毫升"),
        en: ("Celadon teapot", "Longquan celadon, 220 ml"),
        fen: 12_900,
    },
    Ware {
        id: "cup",
        zh: ("品茗杯", "一对，薄胎白瓷"),
        en: ("Tasting cups", "A pair, thin white porcelain"),
        fen: 4_800,
    },
    Ware {
        id: "tea",
        zh: ("明前龙井 50 克", "今年新茶"),
        en: ("Longjing tea, 50 g", "This spring's harvest"),
        fen: 6_850,
    },
    Ware { id: "tray", zh: ("竹茶盘", "可拆洗"), en: ("Bamboo tea tray", "Comes apart for washing"), fen: 9_900 },
];

/// From where a merchant may look at a checkout.
const PREVIEWS: [(HostApp, Platform); 10] = [
    (HostApp::Browser, Platform::Desktop),
    (HostApp::Browser, Platform::Ios),
    (HostApp::Browser, Platform::Android),
    (HostApp::Wechat, Platform::Ios),
    (HostApp::Alipay, Platform::Android),
    (HostApp::Unionpay, Platform::Android),
    (HostApp::Taobao, Platform::Ios),
    (HostApp::Douyin, Platform::Android),
    (HostApp::Jd, Platform::Ios),
    (HostApp::WechatMiniProgram, Platform::Android),
];

fn demo(web: &Shared) -> Result<&Merchant, Fault> {
    let id = web.demo.as_ref().ok_or(Fault::NOT_FOUND)?;
    web.services.merchants.get(id).map(AsRef::as_ref).ok_or(Fault::NOT_FOUND)
}

fn price(fen: i64) -> Option<Money> {
    Amount::new(fen).map(|amount| Money { amount, currency: Currency::Cny })
}

fn words(ware: &Ware, locale: Locale) -> (&'static str, &'static str) {
    match locale {
        Locale::ZhCn => ware.zh,
        Locale::En => ware.en,
    }
}

/// The shop's page.
///
/// # Errors
/// [`Fault::NOT_FOUND`] unless the program runs without a configuration file.
pub async fn shop(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    demo(&web)?;
    let locale = Visitor::of(&request).locale();
    let form = Form::read(&Body(request.query_string().as_bytes().to_vec()))?;
    // A first visit finds something in the cart, so that one click places an order.
    let cart = if !form.names().any(|name| name.starts_with("p_")) { vec![(&WARES[0], 1)] } else { cart(&form) };
    let total: i64 = cart.iter().map(|(ware, count)| ware.fen * i64::from(*count)).sum();
    let product = |ware: &Ware| {
        let (name, note) = words(ware, locale);
        Some(DemoProduct {
            id: ware.id.to_owned(),
            name: name.to_owned(),
            note: note.to_owned(),
            money: price(ware.fen)?,
        })
    };
    let shown = DemoShopPage {
        frame: frame(&request, locale, true, None),
        products: WARES.iter().filter_map(product).collect(),
        cart: cart.iter().map(|(ware, count)| (ware.id.to_owned(), *count)).collect(),
        total: price(total),
    };
    page(StatusCode::OK, &shown)
}

/// The quantities of a form: fields `p_<id>`, at most 99 each.
fn cart(form: &Form) -> Vec<(&'static Ware, u32)> {
    let wanted = |ware: &'static Ware| {
        let count: u32 = form.get(&format!("p_{}", ware.id))?.parse().ok()?;
        (1..=99).contains(&count).then_some((ware, count))
    };
    WARES.iter().filter_map(wanted).collect()
}

/// Places an order for a cart.
///
/// # Errors
/// 422 for an empty cart.
pub async fn order(request: HttpRequest, web: Shared, body: Body) -> Result<HttpResponse, Fault> {
    let merchant = demo(&web)?;
    let locale = Visitor::of(&request).locale();
    let cart = cart(&Form::read(&body)?);
    let total: i64 = cart.iter().map(|(ware, count)| ware.fen * i64::from(*count)).sum();
    let money = price(total).ok_or(Fault::BadForm)?;
    let name = |(ware, count): &(&'static Ware, u32)| {
        let (name, _) = words(ware, locale);
        if *count == 1 { name.to_owned() } else { format!("{name} ×{count}") }
    };
    let subject = cart.iter().map(name).collect::<Vec<_>>().join(if locale == Locale::ZhCn { "、" } else { ", " });
    let number = format!("DEMO-{}", web.services.entropy.alphanumeric(12));
    let wish = OrderRequest {
        merchant_order_no: MerchantOrderNo::new(&number).ok_or(Fault::BadForm)?,
        money,
        subject: subject.chars().take(127).collect(),
        wallets: merchant.wallets.keys().copied().collect(),
        expires_in: Span::minutes(15),
        return_url: Some(web.services.links.absolute("/demo")),
        locale: None,
        metadata: Vec::new(),
    };
    let token = web.services.open_order_plain(merchant, wish).await?;
    Ok(see_other(&format!("/demo/orders/{}", token.expose())))
}

/// The shop's page of an order: the way to its checkout, and previews of it.
///
/// # Errors
/// [`Fault::NOT_FOUND`].
pub async fn order_page(request: HttpRequest, web: Shared) -> Result<HttpResponse, Fault> {
    let merchant = demo(&web)?;
    let ledger = web.services.read(LedgerKey::CheckoutToken(part(&request, "token")?)).await?;
    let order = &ledger.order;
    if order.merchant != merchant.id {
        return Err(Fault::NOT_FOUND);
    }
    let shown = DemoOrderPage {
        frame: frame(&request, Visitor::of(&request).locale(), true, None),
        order_id: order.request.merchant_order_no.as_str().to_owned(),
        checkout_url: TokenPage::Checkout(order.checkout_token).to_string(),
        money: order.request.money,
        subject: order.request.subject.clone(),
        previews: PREVIEWS.to_vec(),
    };
    page(StatusCode::OK, &shown)
}
