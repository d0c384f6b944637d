//! Who watches which order: a bell per order, rung after each commit.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::domain::id::OrderId;

/// The bells of the orders that somebody watches in this process.
#[derive(Default)]
pub struct LiveHub {
    bells: Mutex<HashMap<OrderId, watch::Sender<()>>>,
}

impl LiveHub {
    /// Listens for changes of an order. The bell carries no news: whoever hears it reads the store.
    pub fn watch(&self, order: OrderId) -> watch::Receiver<()> {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        bells.entry(order).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    /// Rings for an order; a bell that nobody hears any more is taken down.
    pub fn changed(&self, order: OrderId) {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.get(&order)
            && bell.send(()).is_err()
        {
            bells.remove(&order);
        }
    }

    /// Takes down the bells that nobody hears any more.
    pub fn sweep(&self) {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, bell| bell.receiver_count() > 0);
    }
}
