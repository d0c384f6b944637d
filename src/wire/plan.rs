//! The plan of a handoff as JSON: the same over HTTP and on the command line.

use serde::Serialize;
use utoipa::ToSchema;

use super::words::{HostAppWord, MethodWord, PlatformWord, WalletWord};
use crate::domain::handoff::plan::{Situation, Step};
use crate::domain::locale::Locale;

/// One way, and why it is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StepJson {
    /// What the buyer does.
    #[schema(value_type = MethodWord)]
    pub method: &'static str,
    /// Why, in the language asked for.
    pub reason: String,
}

/// A plan: the first step is what a page leads with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanJson {
    /// The app.
    #[schema(value_type = HostAppWord)]
    pub host_app: &'static str,
    /// The device.
    #[schema(value_type = PlatformWord)]
    pub platform: &'static str,
    /// The wallet.
    #[schema(value_type = WalletWord)]
    pub wallet: &'static str,
    /// The ways, best first.
    pub steps: Vec<StepJson>,
}

impl PlanJson {
    /// What was planned for a situation.
    #[must_use]
    pub fn of(situation: &Situation<'_>, steps: &[Step], locale: Locale) -> Self {
        let json = |step: &Step| StepJson { method: step.method.as_str(), reason: step.reason.text(locale) };
        Self {
            host_app: situation.host_app.as_str(),
            platform: situation.platform.as_str(),
            wallet: situation.wallet.as_str(),
            steps: steps.iter().map(json).collect(),
        }
    }
}
