//! The trades of the simulated wallets.

use std::sync::Arc;

use pay_handoff::domain::time::Timestamp;
use pay_handoff::ports::store::StoreError;
use pay_handoff::ports::trade_book::{TradeBook, TradePage};

use crate::bed::Bed;
use crate::samples::{NOW, Samples, after};

fn page(samples: &mut Samples, due_at: Option<Timestamp>) -> TradePage {
    TradePage { trade_no: samples.trade_no(), version: 0, due_at, body: (0..=255).collect() }
}

pub async fn a_trade_is_read_back_as_it_was_written<B: Bed>(bed: B) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let first = page(&mut samples, Some(NOW));
    let unknown = page(&mut samples, None);
    store.write_trade(first.clone()).await.unwrap();
    assert_eq!(store.trade(&unknown.trade_no).await, Ok(None));
    assert_eq!(store.trade(&first.trade_no).await, Ok(Some(TradePage { version: 1, ..first.clone() })));
    let second = TradePage { version: 1, due_at: None, body: Vec::new(), ..first.clone() };
    store.write_trade(second.clone()).await.unwrap();
    drop(store);

    let bed = bed.reopened().await;
    assert_eq!(bed.store().trade(&first.trade_no).await, Ok(Some(TradePage { version: 2, ..second })));
}

pub async fn a_trade_is_written_only_on_the_version_that_was_read(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let first = page(&mut samples, None);
    let unwritten = TradePage { version: 1, ..first.clone() };
    assert_eq!(store.write_trade(unwritten).await, Err(StoreError::Conflict));
    store.write_trade(first.clone()).await.unwrap();
    for version in [0, 2, 3] {
        let other = TradePage { version, body: vec![1], ..first.clone() };
        assert_eq!(store.write_trade(other).await, Err(StoreError::Conflict), "{version}");
    }
    assert_eq!(store.trade(&first.trade_no).await, Ok(Some(TradePage { version: 1, ..first })));
}

pub async fn trades_wake_soonest_first_and_only_when_due(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let (late, soon) = (page(&mut samples, Some(after(20))), page(&mut samples, Some(after(10))));
    let (middle, never) = (page(&mut samples, Some(after(15))), page(&mut samples, None));
    for trade in [&late, &soon, &middle, &never] {
        store.write_trade(trade.clone()).await.unwrap();
    }
    let stored = |trade: &TradePage| TradePage { version: 1, ..trade.clone() };
    assert_eq!(store.due_trades(after(9), 10).await, Ok(Vec::new()));
    assert_eq!(store.due_trades(after(15), 10).await, Ok(vec![stored(&soon), stored(&middle)]));
    assert_eq!(store.due_trades(after(99), 10).await, Ok(vec![stored(&soon), stored(&middle), stored(&late)]));
    assert_eq!(store.due_trades(after(99), 1).await, Ok(vec![stored(&soon)]));
    store.write_trade(TradePage { due_at: None, ..stored(&soon) }).await.unwrap();
    assert_eq!(store.due_trades(after(15), 10).await, Ok(vec![stored(&middle)]));
}

pub async fn one_of_many_writers_of_a_trade_wins(bed: impl Bed) {
    let (store, mut samples) = (bed.store(), Samples::default());
    let first = page(&mut samples, None);
    for version in 0..3 {
        let writers = (0..32).map(|writer| {
            let (store, page) = (Arc::clone(&store), TradePage { version, body: vec![writer], ..first.clone() });
            tokio::spawn(async move { (writer, store.write_trade(page).await) })
        });
        let outcomes: Vec<_> = futures_util::future::join_all(writers).await.into_iter().map(Result::unwrap).collect();
        let winners: Vec<u8> =
            outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(writer, _)| *writer).collect();
        assert_eq!(winners.len(), 1);
        assert!(outcomes.iter().all(|(_, outcome)| matches!(outcome, Ok(()) | Err(StoreError::Conflict))));
        let stored = store.trade(&first.trade_no).await.unwrap().unwrap();
        assert_eq!((stored.version, stored.body), (version + 1, winners));
    }
}
