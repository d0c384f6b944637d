//! Words of the friend's page and of the buyer's page about a friend link.

use super::texts;

texts! {
    /// Words around a friend who pays.
    FriendTexts {
        asks_named: "{} 请你帮忙付款", "{} asks you to pay";
        asks: "有人请你帮忙付款", "Somebody asks you to pay";
        safety_title: "付款之前", "Before you pay";
        safety_know: "只为你认识的人付款。拿不准就先打电话问一问。", "Pay only for people you know. If in doubt, call them first.";
        safety_refund: "如果退款，钱退回你的付款账户，不会给对方。", "If there is a refund, the money goes back to you, not to them.";
        safety_name: "称呼和留言是对方自己写的，没有经过核实；收款方是经过核实的商家。",
            "Name and message are the asker’s own words and not verified. The payee is the verified merchant.";
        held_by_another: "有人正在付款，{}前其他人不能付。", "Someone else is paying. Until {} nobody else can.";
        held_by_you: "你已开始付款，为你保留到 {}，其他人暂时不能付。", "You have begun to pay. It is kept for you until {}; others must wait.";
        carry_on: "继续用{}付款", "Carry on with {}";
        pay_section: "帮忙付款", "Pay for them";
        paid_here_title: "你已代付成功", "You have paid, thank you";
        paid_here_text: "对方的订单已经完成。如有退款，会退回你的付款账户。", "Their order is paid. If it is refunded, the money comes back to you.";
        paid_elsewhere_title: "这一单已经有人付了", "This has already been paid";
        paid_elsewhere_text: "不需要再付款。", "There is nothing left to pay.";
        declined_title: "已婉拒", "You said no";
        declined_text: "这个链接已关闭，没有产生任何费用。", "The link is closed. Nothing was charged.";
        expired_title: "这个代付链接已过期", "This link has expired";
        expired_text: "请不要再付款。需要的话，请对方重新发一个链接。", "Please do not pay now. If need be, ask for a new link.";
        revoked_title: "对方收回了这个请求", "The request was taken back";
        revoked_text: "不需要付款。", "There is nothing to pay.";
        decline_title: "我不想付", "I do not want to pay";
        decline_text: "链接会关闭，对方会看到你没有付。", "The link will be closed, and the asker will see that you did not pay.";
        decline_button: "确认不付", "Yes, decline";
        decline_after_giving_up: "你已开始付款。要婉拒，请先打开那次付款并放弃它。",
            "You have begun to pay. To decline, first open that payment and give it up.";
        decline_later: "有人正在付款，现在不能婉拒。", "Someone is paying, so this cannot be declined now.";
        report_title: "举报可疑请求", "Report a suspicious request";
        report_text: "如果有人冒充熟人、催你付款，请不要付，并告诉商家。", "If somebody poses as a friend or presses you, do not pay, and let the merchant know.";
        report_button: "确认举报", "Yes, report it";
        reported: "已举报，商家会收到通知。请不要付款。", "Reported. The merchant is told. Please do not pay.";

        link_title: "把这个链接发给朋友", "Send this link to your friend";
        link_open: "等朋友付款", "Waiting for your friend";
        link_paid: "朋友已付款", "Your friend has paid";
        link_declined: "朋友没有接受", "Your friend said no";
        link_expired: "链接已过期", "The link has expired";
        link_revoked: "链接已收回", "You took the link back";
        link_order_over: "订单已结束", "The order has ended";
        link_held: "朋友正在付款（保留到 {}）", "Your friend is paying (held until {})";
        link_until: "{}前有效", "Valid until {}";
        link_share: "分享给朋友", "Share with a friend";
        link_label: "代付链接", "Link for your friend";
        link_words: "可以一起发送的话", "Words to send along";
        link_qr: "朋友在身边？让他扫这个码", "Is your friend beside you? Let them scan this";
        link_qr_alt: "代付链接的二维码", "QR code of the link";
        link_says: "朋友会看到", "What your friend sees";
        link_sees: "商家、商品、金额、剩余时间，以及上面这些话。看不到你的地址、电话和订单号。",
            "The merchant, the item, the amount, the time left and these words. Never your address, phone or order number.";
        link_warning: "只发给你信任的人，拿到链接的人都能看到这些内容并付款。",
            "Send it only to people you trust: whoever has the link can see this and pay.";
        revoke_title: "收回链接", "Take the link back";
        revoke_text: "收回后链接立即失效。", "The link stops working at once.";
        revoke_button: "确认收回", "Yes, take it back";
        back_to_checkout: "回到收银台", "Back to the checkout";
    }
}
