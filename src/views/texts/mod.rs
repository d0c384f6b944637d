//! The words of every page. Both languages of a text stand side by side, so one that lacks a translation does not compile.

mod apps;
mod attempt;
mod card;
mod docs;
mod every_page;
mod friend;
pub mod guide;
mod message;
mod pay;
mod sandbox;

use crate::domain::locale::Locale;

/// Declares a struct of texts and its value in each language: `field: "中文", "English";`. A text with `{}` wants one value.
macro_rules! texts {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $zh_cn:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        pub struct $name {
            $(pub $field: &'static str),+
        }

        impl $name {
            pub const ZH_CN: Self = Self { $($field: $zh_cn),+ };
            pub const EN: Self = Self { $($field: $en),+ };
            /// Name, Chinese and English of each text.
            #[cfg(test)]
            pub const PAIRS: &[(&str, &str, &str)] = &[$((stringify!($field), $zh_cn, $en)),+];
        }
    };
}
use texts;

pub use apps::{host_app, wallet, wallet_app};

/// Every word of the pages in one language, a group for each kind of page.
pub struct Texts {
    pub common: every_page::CommonTexts,
    pub pay: pay::PayTexts,
    pub friend: friend::FriendTexts,
    pub attempt: attempt::AttemptTexts,
    pub guide: guide::GuideTexts,
    pub card: card::CardTexts,
    pub message: message::MessageTexts,
    pub sandbox: sandbox::SandboxTexts,
    pub demo: sandbox::DemoTexts,
    pub docs: docs::DocsTexts,
}

static ZH_CN: Texts = Texts {
    common: every_page::CommonTexts::ZH_CN,
    pay: pay::PayTexts::ZH_CN,
    friend: friend::FriendTexts::ZH_CN,
    attempt: attempt::AttemptTexts::ZH_CN,
    guide: guide::GuideTexts::ZH_CN,
    card: card::CardTexts::ZH_CN,
    message: message::MessageTexts::ZH_CN,
    sandbox: sandbox::SandboxTexts::ZH_CN,
    demo: sandbox::DemoTexts::ZH_CN,
    docs: docs::DocsTexts::ZH_CN,
};

static EN: Texts = Texts {
    common: every_page::CommonTexts::EN,
    pay: pay::PayTexts::EN,
    friend: friend::FriendTexts::EN,
    attempt: attempt::AttemptTexts::EN,
    guide: guide::GuideTexts::EN,
    card: card::CardTexts::EN,
    message: message::MessageTexts::EN,
    sandbox: sandbox::SandboxTexts::EN,
    demo: sandbox::DemoTexts::EN,
    docs: docs::DocsTexts::EN,
};

/// The words of a language.
pub fn of(locale: Locale) -> &'static Texts {
    match locale {
        Locale::ZhCn => &ZH_CN,
        Locale::En => &EN,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_languages_of_a_text_want_the_same_values_and_none_is_empty() {
        let groups = [
            super::apps::HostAppTexts::PAIRS,
            super::apps::WalletTexts::PAIRS,
            super::every_page::CommonTexts::PAIRS,
            super::pay::PayTexts::PAIRS,
            super::friend::FriendTexts::PAIRS,
            super::attempt::AttemptTexts::PAIRS,
            super::guide::GuideTexts::PAIRS,
            super::card::CardTexts::PAIRS,
            super::message::MessageTexts::PAIRS,
            super::sandbox::SandboxTexts::PAIRS,
            super::docs::DocsTexts::PAIRS,
            super::sandbox::DemoTexts::PAIRS,
        ];
        for (name, zh_cn, en) in groups.concat() {
            assert!(!zh_cn.trim().is_empty() && !en.trim().is_empty(), "{name}");
            assert_eq!(zh_cn.matches("{}").count(), en.matches("{}").count(), "{name}");
            assert!(zh_cn.matches("{}").count() <= 1, "{name}");
        }
    }
}
