//! The list of orders.

use pay_handoff::domain::id::OrderId;
use pay_handoff::domain::merchant::MerchantId;
use pay_handoff::domain::order::{MerchantOrderNo, Order, OrderStatus};
use pay_handoff::ports::store::{OrderQuery, Store};

use crate::bed::Bed;
use crate::samples::{Samples, after, teashop};

fn query() -> OrderQuery {
    OrderQuery {
        merchant: teashop(),
        merchant_order_no: None,
        status: None,
        created_after: None,
        created_before: None,
        older_than: None,
        limit: 1000,
    }
}

/// Thirty orders of the tea shop in every status, several of them placed in each second, and some of another merchant.
/// Newest first.
async fn placed(store: &impl Store) -> Vec<Order> {
    let mut samples = Samples::default();
    let mut orders = Vec::new();
    for number in 0..30_usize {
        let mut ledger = samples.order();
        ledger.order.created_at = after(i64::try_from(number / 4).unwrap());
        ledger.order.status = OrderStatus::ALL[number % 6];
        orders.push(samples.placed(store, &ledger).await.order);
        let stranger = samples.order_of(&MerchantId::new("bookshop").unwrap());
        samples.placed(store, &stranger).await;
    }
    orders.reverse();
    orders
}

pub async fn orders_come_newest_first_and_in_pages_without_gaps(bed: impl Bed) {
    let store = bed.store();
    let orders = placed(&*store).await;
    assert_eq!(store.orders(query()).await.unwrap(), orders);
    for limit in [1, 3, 7, 29, 30, 31] {
        let mut listed: Vec<Order> = Vec::new();
        loop {
            let older_than = listed.last().map(|order| order.id);
            let page = store.orders(OrderQuery { older_than, limit, ..query() }).await.unwrap();
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            listed.extend(page);
        }
        assert_eq!(listed, orders, "in pages of {limit}");
    }
}

pub async fn every_filter_of_orders_works_alone_and_together(bed: impl Bed) {
    let store = bed.store();
    let orders = placed(&*store).await;
    let expect = |keep: &dyn Fn(&Order) -> bool| orders.iter().filter(|order| keep(order)).cloned().collect::<Vec<_>>();
    for status in OrderStatus::ALL {
        let listed = store.orders(OrderQuery { status: Some(status), ..query() }).await.unwrap();
        assert_eq!(listed.len(), 5);
        assert_eq!(listed, expect(&|order| order.status == status), "{status}");
    }
    for second in 0..9 {
        let moment = after(second);
        let listed = store.orders(OrderQuery { created_after: Some(moment), ..query() }).await.unwrap();
        assert_eq!(listed, expect(&|order| order.created_at > moment), "after {second}");
        let listed = store.orders(OrderQuery { created_before: Some(moment), ..query() }).await.unwrap();
        assert_eq!(listed, expect(&|order| order.created_at < moment), "before {second}");
    }
    let number = orders[11].request.merchant_order_no.clone();
    let listed = store.orders(OrderQuery { merchant_order_no: Some(number), ..query() }).await.unwrap();
    assert_eq!(listed, orders[11..12]);

    let (status, from, to, older) = (orders[9].status, after(0), after(6), orders[3].id);
    let together = OrderQuery {
        status: Some(status),
        created_after: Some(from),
        created_before: Some(to),
        older_than: Some(older),
        limit: 2,
        ..query()
    };
    let mut expected =
        expect(&|order| order.status == status && order.created_at > from && order.created_at < to && order.id < older);
    expected.truncate(2);
    assert_eq!(expected.len(), 2);
    assert_eq!(store.orders(together).await.unwrap(), expected);
}

pub async fn what_does_not_exist_is_an_empty_list(bed: impl Bed) {
    let store = bed.store();
    assert_eq!(store.orders(query()).await, Ok(Vec::new()));
    placed(&*store).await;
    let merchant = MerchantId::new("nobody").unwrap();
    assert_eq!(store.orders(OrderQuery { merchant, ..query() }).await, Ok(Vec::new()));
    let older_than = Some(OrderId::new(uuid::Uuid::nil()));
    assert_eq!(store.orders(OrderQuery { older_than, ..query() }).await, Ok(Vec::new()));
    let merchant_order_no = MerchantOrderNo::new("none");
    assert_eq!(store.orders(OrderQuery { merchant_order_no, ..query() }).await, Ok(Vec::new()));
    assert_eq!(store.orders(OrderQuery { limit: 0, ..query() }).await, Ok(Vec::new()));
}
