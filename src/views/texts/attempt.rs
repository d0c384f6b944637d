//! Words of the page that leads into a wallet.

use super::texts;

texts! {
    /// Words around one payment attempt.
    AttemptTexts {
        title: "用{}付款", "Pay with {}";
        leave_button: "打开{}", "Open {}";
        leave_in_app_button: "确认付款", "Pay now";
        leave_text: "点下面的按钮会离开本页，进入{}。付完回到这里，本页会更新。", "The button leaves this page for {}. Come back here afterwards; this page will update.";
        leave_in_app_text: "点按钮后由{}完成付款。", "{} takes over when you tap the button.";
        form_button: "去银联付款", "Pay on UnionPay’s page";
        form_text: "点下面的按钮会离开本页，到银联的付款页；付完会送你回来。", "The button leaves this page for UnionPay’s payment page, which sends you back here afterwards.";
        returned_title: "付好了吗？", "Have you paid?";
        returned_text: "钱包会先送你回来，不管付没付。付了就点下面的按钮，我们去问结果；没付可以再打开一次。", "The wallet sends you back either way. If you have paid, tap the button and we ask for the result; if not, you can open it again.";
        bridge_needs_script: "在这里付款需要脚本，但本页的脚本没有运行。请刷新本页；还是不行，就回到上一页换一种方式。", "Paying here needs a script, and this page’s script does not run. Load the page again; if that does not help, go back and choose another way.";
        bridge_failed: "没有付成。可以再点一次；如果{}没有反应，请回到上一页换一种方式。没有确认收款之前，不要当作已付。", "It was not paid. Tap again; if {} does not react, go back and choose another way. Until this page says so, nothing counts as paid.";
        stuck_title: "没有反应？改用保存图片再扫", "Nothing happened? Save and scan instead";
        stuck_title_otherwise: "没有反应？换一种方式", "Nothing happened? There is another way";
        stuck_reason: "当前应用可能不让网页打开{}。", "This app may not let pages open {}.";
        stuck_text: "保存这张图，打开{}，点「扫一扫」→「相册」，选中它。", "Save this picture, open {}, tap “Scan” (扫一扫), then “Album” (相册), and pick it.";
        code_title: "{}付款码", "{} code";
        code_album: "保存这张图，打开{}，点「扫一扫」→「相册」，选中它付款。", "Save this picture, open {}, tap “Scan” (扫一扫), then “Album” (相册), and pick it.";
        code_screen: "用另一部手机的{}扫这个码", "Scan this with {} on another phone";
        code_no_album: "这个码只能用摄像头对着屏幕扫。{}不接受从相册或长按识别它，保存下来也付不了。",
            "This code works only through a camera. {} refuses it from the album or by long press, so saving it does not help.";
        code_one_phone: "手边只有这一部手机？回到上一页，用本单的二维码。", "Only this one phone at hand? Go back and use the order’s own code.";
        preparing_title: "{}还没有答复", "{} has not answered yet";
        preparing_text: "没有扣款。请再试一次，或换一种方式。", "Nothing was charged. Try again, or choose another way.";
        retry: "再试一次", "Try again";
        simulated_wallet: "打开模拟的{}", "Open the simulated {}";
        check_button: "我已付款", "I have paid";
        check_hint: "我们会向{}查询结果。", "We ask {} for the result.";
        close_title: "不用{}付了", "Stop paying with {}";
        close_text: "我们会请{}关闭这笔付款。已经付了就不要点。", "We ask {} to close this payment. Do not tap if you have paid.";
        close_button: "放弃这次付款", "Give up this payment";
        choose_other: "换一种方式", "Choose another way";
        closing_title: "正在关闭", "Closing";
        closing_text: "正在请{}关闭这笔付款，请不要再付。", "We are asking {} to close this payment. Please do not pay it now.";
        closed_title: "这次付款已关闭", "This payment is closed";
        closed_text: "没有扣款。订单还在，可以重新选择付款方式。", "Nothing was charged. The order is still open; choose a way to pay.";
        expired_title: "这次付款已超时", "This payment took too long";
        expired_text: "请不要再付这一次。如果刚刚付过，结果到达后会自动处理。", "Please do not pay it now. If you just did, it is settled as soon as the result arrives.";
        failed_title: "付款没有成功", "The payment did not go through";
        failed_text: "{}说没有付成。可以再试一次，或换一种方式。", "{} says that it failed. Try again, or choose another way.";
        succeeded_text: "{}已确认收到你的付款。", "{} has confirmed your payment.";
        given_back_title: "这笔钱会退还给你", "Your money goes back to you";
        given_back_text: "你的付款到达时订单已付过或已结束，所以不收这笔钱。退款自动按原路退回你的{}账户，你不用做什么。",
            "Your payment came when the order was already paid or over, so it is not kept. It returns to your {} account by itself; you need not do anything.";
        differs_title: "付款金额与订单不符", "Your payment differs from the price";
        differs_text: "{}说你付过款，但金额与订单不同，所以不能算作本单的付款。请不要再付；商家已收到通知，会与你处理这笔钱。",
            "{} says that you paid, but not the amount of this order, so it does not count for it. Please do not pay again; the shop has been told and will settle this money with you.";
        not_kept: "有一笔用{}付的钱是多付的，或者到得太晚，所以不收。它会自动按原路退回付款的账户，谁都不用做什么。",
            "A payment by {} was one too many or came too late, so it is not kept. It goes back by itself to the account it came from.";
        not_counted: "有一笔用{}付的钱和订单金额不同，没有算作本单的付款。商家已收到通知，会处理这笔钱。",
            "A payment by {} differs from the price, so it does not count for this order. The shop has been told and will settle it.";
        paid_by_other_title: "订单已经付过了", "The order is already paid";
        paid_by_other_text: "请不要再付款。", "Please do not pay again.";
        over_title: "订单已结束", "The order has ended";
        over_text: "请不要再付款。", "Please do not pay.";
    }
}
