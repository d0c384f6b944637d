//! What a decoded text is: our own address, a wallet's code, another payment text, an address, or plain text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::{Host, Url};

use super::emvco;

/// What a code holds, as far as its text alone tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The lasting code of an order: our pay page, `/s/{token}`.
    OurOrder,
    /// A friend-pay link of ours, `/f/{token}`.
    OurFriendLink,
    /// The code of a WeChat Pay *Native* order, `weixin://wxpay/bizpayurl…`.
    WechatNative,
    /// A code of Alipay, `https://qr.alipay.com/…`.
    Alipay,
    /// A code of UnionPay, `https://qr.95516.com/…`.
    Unionpay,
    /// A merchant-presented payment text of EMVCo.
    Emvco {
        /// Whether its fields and its checksum are right; a wallet refuses it otherwise.
        intact: bool,
    },
    /// Another address of a web page.
    Web,
    /// Anything else.
    Text,
}

impl Kind {
    /// What this text is. `public_url` is the address under which our pages stand; without it our codes are [`Kind::Web`].
    #[must_use]
    pub fn of(text: &str, public_url: Option<&Url>) -> Self {
        if emvco::begins_like_one(text) {
            return Self::Emvco { intact: emvco::is_intact(text) };
        }
        let Ok(address) = Url::parse(text) else { return Self::Text };
        match address.scheme() {
            "weixin" if is_native(&address) => Self::WechatNative,
            "https" | "http" => {
                public_url.and_then(|ours| our_page(&address, ours)).unwrap_or_else(|| web_kind(&address))
            }
            _ => Self::Text,
        }
    }
}

/// The short form, or the longer one of the documents: `weixin://….pay.weixin.qq.com/bizpayurl/up…`.
fn is_native(address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default().to_ascii_lowercase();
    let known_host = host == "wxpay" || host == "pay.weixin.qq.com" || host.ends_with(".pay.weixin.qq.com");
    known_host && (address.path() == "/bizpayurl" || address.path().starts_with("/bizpayurl/"))
}

/// A page below our public address whose last part has the form of a token: 16 bytes in URL-safe base64.
fn our_page(address: &Url, ours: &Url) -> Option<Kind> {
    if address.origin() != ours.origin() || has_credentials(address) {
        return None;
    }
    let page = address.path().strip_prefix(ours.path().trim_end_matches('/'))?;
    let (kind, token) = match page.split_at_checked(3)? {
        ("/s/", token) => (Kind::OurOrder, token),
        ("/f/", token) => (Kind::OurFriendLink, token),
        _ => return None,
    };
    URL_SAFE_NO_PAD.decode(token).is_ok_and(|bytes| bytes.len() == 16).then_some(kind)
}

/// A wallet's own host is only believed over https, on its own port and without a name before it: `https://qr.alipay.com@evil.example/`
/// and `https://qr.alipay.com.evil.example/` are somebody else's.
fn web_kind(address: &Url) -> Kind {
    if address.scheme() != "https" || address.port().is_some() || has_credentials(address) {
        return Kind::Web;
    }
    match address.host() {
        Some(Host::Domain("qr.alipay.com")) => Kind::Alipay,
        Some(Host::Domain("qr.95516.com")) => Kind::Unionpay,
        _ => Kind::Web,
    }
}

fn has_credentials(address: &Url) -> bool {
    !address.username().is_empty() || address.password().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        Kind::of(text, Some(&Url::parse("https://pay.example").unwrap()))
    }

    #[test]
    fn our_addresses_are_known_by_the_public_url_and_the_form_of_the_token() {
        assert_eq!(kind("https://pay.example/s/AAECAwQFBgcICQoLDA0ODw"), Kind::OurOrder);
        assert_eq!(kind("https://pay.example/f/AAECAwQFBgcICQoLDA0ODw?locale=en"), Kind::OurFriendLink);
        for foreign in [
            "https://pay.example/c/AAECAwQFBgcICQoLDA0ODw",
            "https://pay.example/s/AAECAwQFBgcICQoLDA0OD",
            "https://pay.example/s/AAECAwQFBgcICQoLDA0ODw/qr.png",
            "https://pay.example.evil.example/s/AAECAwQFBgcICQoLDA0ODw",
            "https://a@pay.example/s/AAECAwQFBgcICQoLDA0ODw",
            "https://pay.example:444/s/AAECAwQFBgcICQoLDA0ODw",
            "http://pay.example/s/AAECAwQFBgcICQoLDA0ODw",
            "https://pay.example/s",
        ] {
            assert_eq!(kind(foreign), Kind::Web, "{foreign}");
        }
        assert_eq!(Kind::of("https://pay.example/s/AAECAwQFBgcICQoLDA0ODw", None), Kind::Web);
    }

    #[test]
    fn a_public_url_with_a_path_is_understood() {
        let ours = Url::parse("https://shop.example/pay/").unwrap();
        let of = |text: &str| Kind::of(text, Some(&ours));
        assert_eq!(of("https://shop.example/pay/s/AAECAwQFBgcICQoLDA0ODw"), Kind::OurOrder);
        assert_eq!(of("https://shop.example/s/AAECAwQFBgcICQoLDA0ODw"), Kind::Web);
    }

    #[test]
    fn wallets_codes_are_known_by_scheme_and_host() {
        for (text, expected) in [
            ("weixin://wxpay/bizpayurl?pr=NwY5Mz9", Kind::WechatNative),
            ("weixin://wxpay/bizpayurl/up?pr=NwY5Mz9&groupid=00", Kind::WechatNative),
            ("weixin://one.pay.weixin.qq.com/bizpayurl/up?pr=NwY5Mz9", Kind::WechatNative),
            ("weixin://wxpay/bizpayurlx", Kind::Text),
            ("weixin://dl/business/?t=abc", Kind::Text),
            ("https://qr.alipay.com/bax03431ljhokirwl38f00a7", Kind::Alipay),
            ("HTTPS://QR.ALIPAY.COM/FKX00000000000000000", Kind::Alipay),
            ("https://qr.95516.com/00010001/62112028173283416953321113029241", Kind::Unionpay),
            ("https://qr.alipay.com.evil.example/bax1", Kind::Web),
            ("https://qr.alipay.com@evil.example/bax1", Kind::Web),
            ("https://evil@qr.alipay.com/bax1", Kind::Web),
            ("http://qr.alipay.com/bax1", Kind::Web),
            ("https://example.org/", Kind::Web),
            ("青瓷茶壶", Kind::Text),
            ("javascript:alert(1)", Kind::Text),
            ("", Kind::Text),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn a_payment_text_with_a_broken_checksum_is_called_damaged() {
        let whole = "00020101021129370016A000000677010111011300668012345675802TH530376463046197";
        assert_eq!(kind(whole), Kind::Emvco { intact: true });
        assert_eq!(kind(&whole.replace("6197", "6198")), Kind::Emvco { intact: false });
    }
}
