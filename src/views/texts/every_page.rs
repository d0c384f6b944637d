//! Words that stand on many pages.

use super::texts;

texts! {
    /// Words of the frame, of the bill and of its states.
    CommonTexts {
        product: "收银台", "Checkout";
        skip: "跳到正文", "Skip to the content";
        other_language: "English", "中文";
        sandbox: "沙盒演示：钱包是模拟的，不会动用真钱", "Sandbox: simulated wallets, no real money";
        preview_title: "付款请求", "Payment request";
        preview_description: "打开查看并付款。只为你认识的人付款。", "Open to see and pay. Pay only for people you know.";
        utc8: "{}（UTC+8）", "{} (UTC+8)";
        pay_to: "付给 {}", "Pay to {}";
        order_tail: "订单尾号 {}", "Order …{}";
        until: "请在 {}前付款", "Pay by {}";
        time_left: "还剩", "Time left";
        time_up: "时间到了，正在确认…", "Time is up, checking…";
        announce_changed: "订单状态有变化，正在刷新。", "The order has changed. Refreshing.";
        announce_offline: "连接断开了，正在重新连接。", "The connection is lost. Reconnecting.";
        announce_copied: "链接已复制", "Link copied";
        announce_copy_failed: "没能复制，请长按链接手动复制", "Could not copy. Press and hold the link to copy it.";
        paid_title: "付款成功", "Payment received";
        expired_title: "这笔付款已过期", "This payment has expired";
        expired_text: "付款时间已经结束，请不要再付。如果你在截止前付过款，结果到达后这里会自动更新。",
            "The time to pay is over; please do not pay now. If you paid before the end, this page updates as soon as the result arrives.";
        cancelled_title: "订单已取消", "This order was cancelled";
        cancelled_text: "请不要再付款。取消之后到达的款项会按商家规则处理，一般会自动退回付款账户。",
            "Please do not pay. Money that arrives after the cancellation is normally returned to the paying account by itself.";
        part_refunded: "部分已退款", "Partly refunded";
        refunded: "已全额退款", "Refunded";
        refunded_text: "款项按原路退回付款账户，到账时间由钱包决定。",
            "The money goes back to the account it was paid from. The wallet decides how soon it arrives.";
        row_merchant: "收款方", "Paid to";
        row_subject: "商品", "For";
        row_amount: "金额", "Amount";
        row_wallet: "付款方式", "Paid with";
        row_payer: "付款人", "Paid by";
        row_time: "付款时间", "Paid at";
        row_refunded: "已退款", "Refunded";
        row_order: "订单尾号", "Order no. ends in";
        payer_buyer: "买家", "The buyer";
        payer_friend: "朋友代付", "A friend";
        return_to_shop: "返回商店", "Return to the shop";
        back: "返回", "Back";
        refresh: "刷新状态", "Refresh";
        updates_itself: "付款后本页会自动更新。", "This page updates by itself after payment.";
        updates_by_hand: "付款后请刷新本页。", "After paying, refresh this page.";
        qr_alt: "付款二维码", "Payment QR code";
    }
}
