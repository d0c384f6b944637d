//! Words of the simulated wallet and of the demo shop.

use super::texts;

texts! {
    /// Words of the simulated wallet app.
    SandboxTexts {
        title: "模拟{}", "Simulated {}";
        intro: "这不是真的钱包。选择它应当怎样回答。", "This is not a real wallet. Choose what it should answer.";
        payee: "收款方", "Payee";
        trade_no: "交易号", "Trade number";
        pay: "付款 {}", "Pay {}";
        wrong: "试试会出什么错", "Try what can go wrong";
        failed: "付款失败", "Payment fails";
        failed_text: "钱包说没有付成", "The wallet says no";
        paid_twice: "付了两次", "Paid twice";
        paid_twice_text: "两笔都成功；多的一笔会自动退回", "Both succeed; the surplus goes back by itself";
        paid_late: "超时才付", "Paid too late";
        paid_late_text: "付款时间在截止之后", "The payment time lies after the deadline";
        paid_wrong_amount: "金额不对", "Wrong amount";
        paid_wrong_amount_text: "记录下来，订单不变，通知商家", "It is recorded, the order stays, the merchant is told";
        notice_lost: "通知丢了", "Notice lost";
        notice_lost_text: "付了款但没有回调；查询才能发现", "Paid without a call back; only a query finds it";
        notice_repeated: "通知重复五次", "Notice repeated five times";
        notice_repeated_text: "只能算一次", "It must count once";
        album_refused: "拒绝相册识别", "Album refused";
        album_refused_text: "像微信对待自己的收款码那样", "As WeChat does with its own codes";
        state_waiting: "等待付款", "Waiting for payment";
        state_paid: "已付款", "Paid";
        state_failed: "付款失败", "Failed";
        state_closed: "交易已关闭", "Closed";
        state_album_refused: "为保障支付安全，不支持从相册识别此码", "For your safety, this code cannot be paid from the album";
        back: "回到付款页", "Back to the payment page";
    }
}

texts! {
    /// Words of the demo shop.
    DemoTexts {
        title: "演示小店", "Demo shop";
        intro: "挑几样东西，下一单，看看付款页在不同应用里的样子。", "Pick something, place an order, and see its checkout as different apps would.";
        quantity: "{} 的数量", "Quantity of {}";
        total: "合计", "Total";
        recount: "更新合计", "Update total";
        order: "下单", "Place the order";
        order_title: "订单已创建", "Order placed";
        open_checkout: "打开收银台", "Open the checkout";
        preview_title: "换个应用看看", "See it as another app";
        preview_text: "付款页会按所在的应用给出不同的办法。", "The checkout advises different ways, depending on the app it is opened in.";
        order_id: "订单标识", "Order id";
        another: "再下一单", "Place another order";
        browser: "浏览器", "Browser";
        platform_ios: "iPhone", "iPhone";
        platform_android: "安卓", "Android";
        platform_harmony: "鸿蒙", "HarmonyOS";
        platform_desktop: "电脑", "Computer";
        platform_unknown: "未知设备", "Unknown device";
    }
}
