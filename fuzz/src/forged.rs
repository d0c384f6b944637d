//! Genuine notices with something changed: none may be believed to say anything else.

#[path = "../../src/keys/testing.rs"]
#[expect(dead_code, reason = "the program's own tests make more kinds of keys")]
mod made_keys;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pay_handoff::config::live_wallets::alipay::{AlipayAccount, InAppWay};
use pay_handoff::config::live_wallets::alipay_keys::AlipayKeys;
use pay_handoff::config::live_wallets::unionpay::UnionpayAccount;
use pay_handoff::config::live_wallets::wechat_pay::WechatPayAccount;
use pay_handoff::domain::time::Timestamp;
use pay_handoff::exchange::Exchange;
use pay_handoff::keys::{Certificate, Pfx, RsaPrivateKey, RsaPublicKey, Secret};
use pay_handoff::ports::clock::Clock;
use pay_handoff::ports::wallet::{Notice, RawNotice, WalletGateway};
use pay_handoff::system::{SystemClock, SystemEntropy};
use pay_handoff::wallets::alipay::gateway::Alipay;
use pay_handoff::wallets::http::WalletNetwork;
use pay_handoff::wallets::unionpay::gateway::Unionpay;
use pay_handoff::wallets::wechat_pay::gateway::WechatPay;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use url::Url;
use url::form_urlencoded::Serializer;

const API_V3_KEY: &str = "0123456789abcdef0123456789abcdef";
const TRADE_NO: &str = "1795320000abcdefghijkl";

/// A wallet and a notice that it believes.
struct Genuine {
    gateway: Box<dyn WalletGateway>,
    notice: RawNotice,
    says: Notice,
    at: Timestamp,
}

static GENUINE: LazyLock<[Genuine; 3]> = LazyLock::new(|| [wechat_pay(), alipay(), unionpay()]);

/// Makes keys and genuine notices, which takes a second or some; [`check`] does it by itself when nobody did before.
pub fn prepare() {
    LazyLock::force(&GENUINE);
}

/// A wallet, then changes of six bytes and more: of which part (the body or a header field), where, how much is taken away, how many
/// of the following bytes are put there.
pub fn check(input: &[u8]) {
    let Some((wallet, mut changes)) = input.split_first() else { return };
    let genuine = &GENUINE[usize::from(*wallet) % GENUINE.len()];
    let mut notice = genuine.notice.clone();
    while let [part, low, high, taken, put, rest @ ..] = changes {
        let (put, rest) = rest.split_at(usize::from(put % 32).min(rest.len()));
        let at = usize::from(*low) | usize::from(*high) << 8;
        change(&mut notice, usize::from(*part), at, usize::from(*taken), put);
        changes = rest;
    }
    if let Ok(says) = genuine.gateway.prove(&notice, genuine.at) {
        assert_eq!(says, genuine.says, "{notice:?}");
    }
}

fn change(notice: &mut RawNotice, part: usize, at: usize, taken: usize, put: &[u8]) {
    let splice = |bytes: &mut Vec<u8>| {
        let from = at.min(bytes.len());
        let to = (from + taken).min(bytes.len());
        bytes.splice(from..to, put.iter().copied());
    };
    match part.checked_sub(128) {
        Some(field) if !notice.headers.is_empty() => {
            let count = notice.headers.len();
            if field >= 64 {
                let copy = notice.headers[field % count].clone();
                notice.headers.push(copy);
            }
            let (_, value) = &mut notice.headers[field % count];
            let mut bytes = std::mem::take(value).into_bytes();
            splice(&mut bytes);
            *value = String::from_utf8_lossy(&bytes).into_owned();
        }
        _ => splice(&mut notice.body),
    }
}

fn genuine(
    gateway: impl WalletGateway + 'static,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    at: Timestamp,
) -> Genuine {
    let notice = RawNotice { headers, body };
    let says = gateway.prove(&notice, at).expect("a genuine notice is believed");
    Genuine { gateway: Box::new(gateway), notice, says, at }
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn network() -> WalletNetwork {
    WalletNetwork::new(Exchange::trusting_this_machine())
}

fn nowhere() -> Url {
    Url::parse("http://127.0.0.1:9").expect("an address")
}

fn private_key(pem: &str) -> RsaPrivateKey {
    RsaPrivateKey::from_pem(pem).expect("a key")
}

fn signature(key: &RsaPrivateKey, text: &[u8]) -> String {
    STANDARD.encode(key.sign(text).expect("it signs"))
}

fn wechat_pay() -> Genuine {
    let (own, platform) = (made_keys::merchant_key(), made_keys::platform_key());
    let account = WechatPayAccount {
        base_url: nowhere(),
        backup_url: None,
        app_id: "wx0000000000000001".to_owned(),
        mch_id: "1900000001".to_owned(),
        serial_no: own.serial.clone(),
        private_key: private_key(&own.private_key),
        api_v3_key: Secret::new(API_V3_KEY.to_owned()),
        public_keys: BTreeMap::from([(
            "PUB_KEY_ID_01".to_owned(),
            RsaPublicKey::from_pem(&platform.public_key).expect("a key"),
        )]),
        login: None,
        verify_files: BTreeMap::new(),
    };
    let trade = format!(
        r#"{{"appid":"wx0000000000000001","mchid":"1900000001","out_trade_no":"{TRADE_NO}","transaction_id":"4200000001","trade_state":"SUCCESS","success_time":"2026-11-22T12:00:01+08:00","amount":{{"total":12900,"currency":"CNY"}}}}"#
    );
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, API_V3_KEY.as_bytes()).expect("a key of 32 bytes"));
    let mut sealed = trade.into_bytes();
    let nonce = Nonce::assume_unique_for_key(*b"aabbccddeeff");
    key.seal_in_place_append_tag(nonce, Aad::from(b"transaction"), &mut sealed).expect("it encrypts");
    let body = format!(
        r#"{{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","resource_type":"encrypt-resource","resource":{{"algorithm":"AEAD_AES_256_GCM","ciphertext":"{}","nonce":"aabbccddeeff","associated_data":"transaction","original_type":"transaction"}}}}"#,
        STANDARD.encode(sealed)
    );
    let at = Timestamp::from_seconds(1_795_320_003);
    let signed = format!("{}\nnonce\n{body}\n", at.seconds());
    let headers = [
        ("wechatpay-timestamp", at.seconds().to_string()),
        ("wechatpay-nonce", "nonce".to_owned()),
        ("wechatpay-signature", signature(&private_key(&platform.private_key), signed.as_bytes())),
        ("wechatpay-serial", "PUB_KEY_ID_01".to_owned()),
        ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
    ];
    let gateway = WechatPay::new(account, String::new(), &network(), clock(), Arc::new(SystemEntropy));
    genuine(gateway, headers.map(|(name, value)| (name.to_owned(), value)).to_vec(), body.into_bytes(), at)
}

fn alipay() -> Genuine {
    let (own, platform) = (made_keys::merchant_key(), made_keys::platform_key());
    let account = AlipayAccount {
        base_url: nowhere(),
        app_id: "2021000000000001".to_owned(),
        seller_id: "2088000000000001".to_owned(),
        private_key: private_key(&own.private_key),
        alipay_keys: AlipayKeys::Bare(RsaPublicKey::from_pem(&platform.public_key).expect("a key")),
        certificates: None,
        code_url: Url::parse("https://qr.alipay.com/").expect("an address"),
        code_contract: "FACE_TO_FACE_PAYMENT".to_owned(),
        browser_contract: "QUICK_WAP_WAY".to_owned(),
        in_app_way: InAppWay::WapPay,
    };
    // In the order of their names.
    let fields = [
        ("app_id", "2021000000000001"),
        ("gmt_payment", "2026-11-22 12:00:01"),
        ("notify_type", "trade_status_sync"),
        ("out_trade_no", TRADE_NO),
        ("seller_id", "2088000000000001"),
        ("subject", "青瓷茶壶 & cups"),
        ("total_amount", "129.00"),
        ("trade_no", "2026112222001400000000000001"),
        ("trade_status", "TRADE_SUCCESS"),
    ];
    let signed: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let sign = signature(&private_key(&platform.private_key), signed.join("&").as_bytes());
    let mut body = Serializer::new(String::new());
    let body = body.extend_pairs(fields).append_pair("sign_type", "RSA2").append_pair("sign", &sign).finish();
    let at = Timestamp::from_seconds(1_795_320_003);
    genuine(Alipay::new(account, String::new(), &network(), clock()), Vec::new(), body.into_bytes(), at)
}

fn unionpay() -> Genuine {
    let chain = made_keys::chain();
    let own = Pfx::read(&chain.pfx, &Secret::new("canary".to_owned())).expect("a PFX");
    let account = UnionpayAccount {
        base_url: nowhere(),
        mer_id: "777290058110048".to_owned(),
        private_key: own.private_key.clone(),
        cert_id: own.certificate.number.clone(),
        middle_certificate: Certificate::from_pem(&chain.middle).expect("a certificate"),
        signer: "own".to_owned(),
    };
    // In the order of their names.
    let fields = [
        ("merId", "777290058110048"),
        ("orderId", TRADE_NO),
        ("respCode", "00"),
        ("signMethod", "01"),
        ("signPubKeyCert", chain.own.as_str()),
        ("txnAmt", "12900"),
        ("txnTime", "20261122120000"),
        ("txnType", "01"),
    ];
    let joined: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let sum: String =
        digest(&SHA256, joined.join("&").as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = signature(&own.private_key, sum.as_bytes());
    let mut body = Serializer::new(String::new());
    let body = body.extend_pairs(fields).append_pair("signature", &signature).finish();
    let at = own.certificate.not_before;
    genuine(Unionpay::new(account, String::new(), &network(), clock()), Vec::new(), body.into_bytes(), at)
}
