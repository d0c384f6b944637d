//! `pay-handoff plan`: what a page would offer to this browser for this wallet, and why.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use crate::config::handoff_file;
use crate::domain::handoff::host_app;
use crate::domain::handoff::plan::{Situation, plan};
use crate::domain::locale::Locale;
use crate::domain::order::Payer;
use crate::domain::wallet::{Product, Wallet};
use crate::wire::plan::PlanJson;

/// Which plan to explain.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// The User-Agent that a browser sends.
    #[arg(long)]
    user_agent: String,
    /// wechat_pay, alipay or unionpay.
    #[arg(long)]
    wallet: Wallet,
    /// The products that the merchant has: code, in_app, browser.
    #[arg(long, value_delimiter = ',', default_value = "code,in_app,browser")]
    products: Vec<Product>,
    /// Plan for a friend instead of the buyer.
    #[arg(long)]
    friend: bool,
    /// The language of the reasons: zh-CN or en.
    #[arg(long, default_value = "en")]
    locale: Locale,
    /// Print the plan as a list for people instead of the JSON of GET /v1/handoff.
    #[arg(long)]
    words: bool,
    /// Another file of what works where.
    #[arg(long)]
    handoff: Option<PathBuf>,
}

/// Why no plan could be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file of what works where has faults.
    #[error(transparent)]
    Handoff(#[from] handoff_file::HandoffFileError),
    /// A file cannot be read, or the output not written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Prints the plan.
///
/// # Errors
/// [`PlanError`].
pub fn run(arguments: &PlanArguments, output: &mut dyn Write) -> Result<(), PlanError> {
    let capabilities = match &arguments.handoff {
        Some(file) => handoff_file::read(&std::fs::read_to_string(file)?)?,
        None => handoff_file::built_in()?,
    };
    let (host_app, platform) = host_app::detect(&arguments.user_agent);
    let payer = if arguments.friend { Payer::Friend } else { Payer::Buyer };
    let situation = Situation {
        host_app,
        platform,
        wallet: arguments.wallet,
        products: &arguments.products,
        payer,
        friend_links_possible: payer == Payer::Buyer,
    };
    let steps = plan(&capabilities, &situation);
    if arguments.words {
        writeln!(output, "host app {host_app}, platform {platform}, wallet {}", arguments.wallet)?;
        for (position, step) in steps.iter().enumerate() {
            writeln!(output, "{}. {}: {}", position + 1, step.method, step.reason.text(arguments.locale))?;
        }
    } else {
        let json = serde_json::to_string_pretty(&PlanJson::of(&situation, &steps, arguments.locale));
        writeln!(output, "{}", json.map_err(io::Error::other)?)?;
    }
    Ok(())
}
