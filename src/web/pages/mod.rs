//! The pages of buyers and friends, and the demo around them.

pub mod assets;
pub mod attempt;
pub mod card;
pub mod checkout;
pub mod context;
pub mod demo;
pub mod friend;
pub mod guide;
pub mod opened;
pub mod sandbox;
pub mod scan;
