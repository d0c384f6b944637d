//! The login of a WeChat official account: the only thing asked for is who pays, and the payer is asked nothing.

use async_trait::async_trait;
use hyper::Method;
use hyper::header::ACCEPT;
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::config::live_wallets::wechat_pay::WechatLogin;
use crate::domain::wallet::Product;
use crate::ports::wallet::{PayerLogin, WalletError};
use crate::wallets::http::{Outgoing, Repeat, WalletClient};

/// Tells who a person is to this account, and nothing else about him.
const SCOPE: &str = "snsapi_base";
/// The answer that the login is overloaded; every other error is about this very code or account.
const BUSY: i64 = -1;

/// The login of one merchant's official account.
pub(super) struct Login {
    pub app_id: String,
    pub settings: WechatLogin,
    pub client: WalletClient,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    openid: Option<String>,
    #[serde(default)]
    errcode: Option<i64>,
}

#[async_trait]
impl PayerLogin for Login {
    fn wanted_for(&self, product: Product) -> bool {
        product == Product::InApp
    }

    fn realm(&self) -> &str {
        &self.app_id
    }

    fn address(&self, back: &str, state: &str) -> String {
        let mut url: Url = self.settings.login_url.clone();
        url.set_path("/connect/oauth2/authorize");
        // WeChat reads these five in this order, and needs the fragment.
        url.query_pairs_mut()
            .append_pair("appid", &self.app_id)
            .append_pair("redirect_uri", back)
            .append_pair("response_type", "code")
            .append_pair("scope", SCOPE)
            .append_pair("state", state);
        url.set_fragment(Some("wechat_redirect"));
        url.into()
    }

    async fn identify(&self, code: &str) -> Result<String, WalletError> {
        let query = Serializer::new(String::new())
            .append_pair("appid", &self.app_id)
            .append_pair("secret", self.settings.app_secret.expose())
            .append_pair("code", code)
            .append_pair("grant_type", "authorization_code")
            .finish();
        let write = || {
            Ok(Outgoing {
                method: Method::GET,
                target: format!("/sns/oauth2/access_token?{query}"),
                headers: vec![(ACCEPT, "application/json".to_owned())],
                body: Vec::new(),
            })
        };
        // A code is used up by the first question that arrives.
        let answer = self.client.call(Repeat::Never, write).await?;
        openid(answer.status, &answer.body)
    }
}

/// Whom an answer of the login names.
pub(super) fn openid(status: u16, body: &[u8]) -> Result<String, WalletError> {
    let unreadable = || WalletError::Unknown(format!("the login answered {status}"));
    let token: Token = serde_json::from_slice(body).map_err(|_| unreadable())?;
    match (token.openid, token.errcode) {
        (_, Some(BUSY)) => Err(WalletError::Later("the login is busy".to_owned())),
        (_, Some(error)) if error != 0 => Err(WalletError::Refused(format!("the login refused: {error}"))),
        (Some(openid), _) if is_openid(&openid) => Ok(openid),
        _ => Err(unreadable()),
    }
}

/// At most 128 visible characters, as the field of the payment holds them.
fn is_openid(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
