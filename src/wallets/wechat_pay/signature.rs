//! What the merchant signs: each request, and the parameters with which a page inside WeChat asks it to pay.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;

use crate::config::live_wallets::wechat_pay::WechatPayAccount;
use crate::keys::CannotSign;

/// The scheme of the `Authorization` header, and the kind of signature that answers and notices may name.
pub(super) const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";

/// A request as it is signed: what is sent must be these very bytes.
pub(super) struct Signed<'a> {
    pub method: &'a Method,
    /// Path and query as sent.
    pub target: &'a str,
    pub body: &'a [u8],
}

/// The value of the `Authorization` header of a request that is sent at `now_s`, seconds since 1970.
pub(super) fn authorization(
    account: &WechatPayAccount,
    request: &Signed<'_>,
    now_s: i64,
    nonce: &str,
) -> Result<String, CannotSign> {
    let head = format!("{}\n{}\n{now_s}\n{nonce}\n", request.method, request.target);
    let text = [head.as_bytes(), request.body, b"\n"].concat();
    let signature = STANDARD.encode(account.private_key.sign(&text)?);
    let (mch_id, serial_no) = (&account.mch_id, &account.serial_no);
    Ok(format!(
        "{SCHEME} mchid=\"{mch_id}\",nonce_str=\"{nonce}\",timestamp=\"{now_s}\",serial_no=\"{serial_no}\",signature=\"{signature}\""
    ))
}

/// What a page inside WeChat hands to `getBrandWCPayRequest`, as JSON. The kind of signature is not part of what is signed.
pub(super) fn bridge_call(
    account: &WechatPayAccount,
    prepay_id: &str,
    now_s: i64,
    nonce: &str,
) -> Result<String, CannotSign> {
    let package = format!("prepay_id={prepay_id}");
    let text = format!("{}\n{now_s}\n{nonce}\n{package}\n", account.app_id);
    let signature = STANDARD.encode(account.private_key.sign(text.as_bytes())?);
    let call = serde_json::json!({
        "appId": account.app_id,
        "timeStamp": now_s.to_string(),
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": signature,
    });
    Ok(call.to_string())
}
