//! Pages that are one message: refusals and failures in the visitor's language.

use askama::Template;

use super::Page;
use super::frame::Frame;
use super::samples;
use crate::domain::locale::Locale;
use crate::domain::text::TextError;
use crate::domain::time::Timestamp;
use crate::domain::wallet::Wallet;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// 404: no such page, or not for this visitor; which of the two is never told.
    NotFound,
    /// 409: the order can no longer be paid.
    OrderFinished,
    /// 422: the order does not allow this wallet.
    WalletNotAllowed,
    /// 409: another payer has begun.
    LinkHeld {
        /// When the link is free again.
        until: Timestamp,
    },
    /// 409: this browser had its turn, and others want theirs.
    OthersFirst {
        /// When it may try again.
        until: Timestamp,
    },
    /// 409: too many living attempts for one order.
    TooManyAttempts,
    /// 409: too many open friend links for one order.
    TooManyFriendLinks,
    /// 422: words that a person typed break a rule.
    BadWords {
        /// The field, as the form calls it.
        field: String,
        /// The broken rule in the page's language, as [`broken_rule`] tells it.
        rule: String,
    },
    /// 400: the form could not be read.
    BadForm,
    /// 403: the request came from another site.
    CrossSite,
    /// The wallet does not know the payer yet, or its login did not work.
    LoginNeeded {
        /// Whose login.
        wallet: Wallet,
        /// Where it begins.
        login: String,
    },
    /// 400: a login came back to a browser that did not begin it, or too late.
    LoginLost,
    /// 429: too many requests from here.
    TooManyRequests,
    /// 503: something we need does not answer.
    Unavailable,
    /// 500: our fault.
    ServerError,
}

/// A page with one message.
#[derive(Clone, Debug, Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// What stands around the page.
    pub frame: Frame,
    /// The message.
    pub message: Message,
    /// Where the visitor can go on.
    pub back: Option<String>,
    /// The request's number, which a visitor can tell to support; empty where nothing went wrong.
    pub request_id: String,
}

/// The broken rule of typed words, in the visitor's language.
#[must_use]
pub fn broken_rule(locale: Locale, error: &TextError) -> String {
    let words = &super::texts::of(locale).message;
    match error {
        TextError::Empty => words.rule_empty.to_owned(),
        TextError::TooLong { max } => words.rule_too_long.replacen("{}", &max.to_string(), 1),
        TextError::Deceptive => words.rule_deceptive.to_owned(),
        TextError::Link => words.rule_link.to_owned(),
    }
}

impl MessagePage {
    fn title(&self) -> String {
        let words = &self.frame.words().message;
        match &self.message {
            Message::NotFound => words.not_found,
            Message::OrderFinished => words.order_finished,
            Message::WalletNotAllowed => words.wallet_not_allowed,
            Message::LinkHeld { .. } => words.link_held,
            Message::OthersFirst { .. } => words.others_first,
            Message::TooManyAttempts => words.too_many_attempts,
            Message::TooManyFriendLinks => words.too_many_friend_links,
            Message::BadWords { .. } => words.bad_words,
            Message::BadForm => words.bad_form,
            Message::CrossSite => words.cross_site,
            Message::LoginNeeded { wallet, .. } => {
                return self.frame.fill(words.login_needed, self.frame.wallet(wallet));
            }
            Message::LoginLost => words.login_lost,
            Message::TooManyRequests => words.too_many_requests,
            Message::Unavailable => words.unavailable,
            Message::ServerError => words.server_error,
        }
        .to_owned()
    }

    fn text(&self) -> String {
        let words = &self.frame.words().message;
        match &self.message {
            Message::NotFound => words.not_found_text,
            Message::OrderFinished => words.order_finished_text,
            Message::WalletNotAllowed => words.wallet_not_allowed_text,
            // Both are minutes away; with itself as "now" the moment is shown without its day.
            Message::LinkHeld { until } => {
                return self.frame.fill(words.link_held_text, self.frame.clock(until, until));
            }
            Message::OthersFirst { until } => {
                return self.frame.fill(words.others_first_text, self.frame.clock(until, until));
            }
            Message::TooManyAttempts => words.too_many_attempts_text,
            Message::TooManyFriendLinks => words.too_many_friend_links_text,
            Message::BadWords { .. } => words.bad_words_text,
            Message::BadForm => words.bad_form_text,
            Message::CrossSite => words.cross_site_text,
            Message::LoginNeeded { wallet, .. } => {
                return self.frame.fill(words.login_needed_text, self.frame.wallet_app(wallet));
            }
            Message::LoginLost => words.login_lost_text,
            Message::TooManyRequests => words.too_many_requests_text,
            Message::Unavailable => words.unavailable_text,
            Message::ServerError => words.server_error_text,
        }
        .to_owned()
    }

    /// Where the login begins, when that is what is missing.
    fn login(&self) -> Option<&str> {
        match &self.message {
            Message::LoginNeeded { login, .. } => Some(login),
            _ => None,
        }
    }

    /// Which words were refused, and why.
    fn rule(&self) -> Option<String> {
        let words = &self.frame.words().message;
        let Message::BadWords { field, rule } = &self.message else { return None };
        let field = match field.as_str() {
            "requester" => words.bad_words_requester,
            "message" => words.bad_words_message,
            other => other,
        };
        Some(self.frame.fill(words.bad_words_rule, field) + rule)
    }
}

impl Page for MessagePage {
    const NAME: &'static str = "message";

    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = |message, back: Option<&str>| Self {
            frame: samples::frame(locale, "/s/SAMPLE"),
            message,
            back: back.map(str::to_owned),
            request_id: "01993a7c-3e1b-7f52".to_owned(),
        };
        let bad_words = Message::BadWords {
            field: "message".to_owned(),
            rule: broken_rule(locale, &TextError::TooLong { max: 60 }),
        };
        vec![
            ("not-found", page(Message::NotFound, None)),
            ("order-finished", page(Message::OrderFinished, Some("/s/SAMPLE"))),
            ("wallet-not-allowed", page(Message::WalletNotAllowed, Some("/s/SAMPLE"))),
            ("link-held", page(Message::LinkHeld { until: samples::NOW }, Some("/f/SAMPLE"))),
            ("others-first", page(Message::OthersFirst { until: samples::NOW }, Some("/f/SAMPLE"))),
            ("too-many-attempts", page(Message::TooManyAttempts, Some("/s/SAMPLE"))),
            ("too-many-friend-links", page(Message::TooManyFriendLinks, Some("/c/SAMPLE"))),
            ("bad-words", page(bad_words, Some("/c/SAMPLE"))),
            ("bad-form", page(Message::BadForm, Some("/c/SAMPLE"))),
            ("cross-site", page(Message::CrossSite, None)),
            (
                "login-needed",
                page(
                    Message::LoginNeeded {
                        wallet: Wallet::WechatPay,
                        login: "/s/SAMPLE/login/wechat_pay/go".to_owned(),
                    },
                    Some("/s/SAMPLE?login=later"),
                ),
            ),
            ("login-lost", page(Message::LoginLost, None)),
            ("too-many-requests", page(Message::TooManyRequests, Some("/c/SAMPLE"))),
            ("unavailable", page(Message::Unavailable, Some("/c/SAMPLE"))),
            ("server-error", page(Message::ServerError, None)),
        ]
    }
}
