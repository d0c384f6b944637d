//! Every page: a typed context, its template, and its words in each language. HTML stands in `templates/` only.

pub mod assets;
pub mod attempt;
pub mod card;
pub mod checkout;
mod clock_time;
pub mod demo;
pub mod docs;
pub mod frame;
pub mod friend;
pub mod friend_link;
pub mod guide;
pub mod message;
pub mod order_summary;
pub mod pay;
mod samples;
pub mod sandbox;
mod texts;
mod ways;

use askama::Template;

use crate::domain::locale::Locale;

/// A page that can show itself: tests render every sample in each language, `pay-handoff pages` writes them as files.
pub trait Page: Template + Sized {
    /// The page's name in file names.
    const NAME: &'static str;

    /// The states worth looking at, each with a name, in a language.
    fn samples(locale: Locale) -> Vec<(&'static str, Self)>;
}

/// One rendered sample.
#[derive(Debug)]
pub struct RenderedSample {
    /// Page, state and language, as a file name without extension: `checkout-waiting-zh-CN`.
    pub name: String,
    /// The whole document.
    pub html: String,
}

/// Renders every sample of every page in each language.
///
/// # Errors
/// When a template cannot be rendered; none of ours has a reason to.
pub fn render_samples() -> askama::Result<Vec<RenderedSample>> {
    let mut rendered = Vec::new();
    for locale in Locale::ALL {
        render_page::<checkout::CheckoutPage>(locale, &mut rendered)?;
        render_page::<pay::PayPage>(locale, &mut rendered)?;
        render_page::<friend::FriendPage>(locale, &mut rendered)?;
        render_page::<friend_link::FriendLinkPage>(locale, &mut rendered)?;
        render_page::<attempt::AttemptPage>(locale, &mut rendered)?;
        render_page::<guide::GuidePage>(locale, &mut rendered)?;
        render_page::<message::MessagePage>(locale, &mut rendered)?;
        render_page::<sandbox::SimulatedWalletPage>(locale, &mut rendered)?;
        render_page::<demo::DemoShopPage>(locale, &mut rendered)?;
        render_page::<demo::DemoOrderPage>(locale, &mut rendered)?;
        render_page::<docs::DocsPage>(locale, &mut rendered)?;
    }
    Ok(rendered)
}

fn render_page<P: Page>(locale: Locale, rendered: &mut Vec<RenderedSample>) -> askama::Result<()> {
    for (state, page) in P::samples(locale) {
        rendered.push(RenderedSample { name: format!("{}-{state}-{locale}", P::NAME), html: page.render()? });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
