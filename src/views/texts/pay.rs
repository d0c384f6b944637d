//! Words of the pages on which somebody pays: the ways to a wallet, saving the picture, cancelling.

use super::texts;

texts! {
    /// Words of the checkout, of the pay-only page and of the friend's ways to pay.
    PayTexts {
        scan_other_device: "用另一部手机扫这个码", "Scan this code with another phone";
        pay_with: "用{}付款", "Pay with {}";
        open_and_pay: "打开{}付款", "Open {} to pay";
        open_page_and_pay: "去银联付款", "Pay on UnionPay’s page";
        scan_with_phone: "用手机扫这个码", "Scan this code with your phone";
        save_picture: "保存二维码图片", "Save the QR picture";
        save_card: "保存带步骤的卡片", "Save a card with the steps";
        press_and_hold: "长按二维码保存图片；没有菜单就截屏", "Press and hold the code to save it, or take a screenshot";
        press_and_hold_ios: "也可以长按二维码，存到“照片”", "Or press and hold the code and add it to Photos";
        choose_wallet: "选择付款方式", "Choose how to pay";
        lead_pay: "在这里直接付款", "Pay right here";
        lead_redirect: "跳转到应用付款", "Opens the app";
        lead_redirect_page: "到银联的页面付款", "Opens its page";
        lead_scan_screen: "用另一部设备扫码", "Scan with another device";
        lead_scan_album: "保存图片，从相册扫", "Save, then scan from album";
        lead_own_code: "使用它自己的付款码", "With its own code";
        lead_copy: "复制链接到别处打开", "Copy the link";
        lead_browser: "用浏览器打开", "Open in a browser";
        lead_friend: "请朋友代付", "Ask a friend";
        more_ways: "{}的其他方式", "Other ways with {}";
        way_pay: "直接付款", "Pay here";
        way_screen: "扫屏幕上的码", "Scan from this screen";
        way_album: "从相册扫", "Scan from the album";
        screen_text: "在另一部手机上打开{}，扫上面的二维码。", "On another phone, open {} and scan the code above.";
        screen_text_computer: "在手机上打开{}，扫上面的二维码。", "On your phone, open {} and scan the code above.";
        own_code_button: "显示{}自己的付款码", "Show {}’s own code";
        own_code_screen: "先显示{}自己的付款码，再用另一部手机扫它。", "Show {}’s own code first, then scan it with another phone.";
        own_code_text: "{}认自己的付款码最可靠：先显示它，再保存并从相册扫。",
            "{} is surest with its own code: show it, save it, then scan it from the album.";
        album_one: "保存上面的二维码图片", "Save the QR picture above";
        album_two: "打开{}，点「扫一扫」，再点「相册」", "Open {}, tap “Scan” (扫一扫), then “Album” (相册)";
        album_three: "选中图片，核对收款方和金额后付款", "Pick the picture, check payee and amount, and pay";
        guide_link: "看图学：怎样从相册扫", "Show me how, with pictures";
        other_ways: "还可以这样付", "More ways to pay";
        copy_title: "复制链接", "Copy the link";
        copy_text: "在微信里发给自己，或在手机浏览器里打开，都能付这一单。",
            "Send it to yourself or open it in a phone browser: it leads to this same order.";
        copy_label: "付款链接", "Payment link";
        copy_button: "复制", "Copy";
        browser_title: "用手机浏览器打开", "Open in the phone’s browser";
        browser_text: "在{}里点右上角的「⋯」，再选「在浏览器打开」。菜单的叫法可能略有不同。",
            "In {}, tap “⋯” at the top right, then “Open in browser”. The menu’s words may differ a little.";
        browser_drawing: "图：右上角的菜单里有“在浏览器打开”", "Drawing: the menu at the top right has “Open in browser”";
        browser_drawing_item: "在浏览器打开", "Open in browser";
        friend_title: "请朋友代付", "Ask a friend to pay";
        friend_text: "生成一个链接发给朋友。朋友只看到商家、商品、金额和你写的话；退款会退给付款的朋友。",
            "Make a link for a friend. He or she sees only the merchant, the item, the amount and your words. A refund goes back to the friend who paid.";
        friend_open: "写几句话，生成链接", "Write a line and make the link";
        friend_requester: "你的称呼（选填，20 字以内）", "Your name for the friend (optional, up to 20 characters)";
        friend_message: "留言（选填，60 字以内）", "Message (optional, up to 60 characters)";
        friend_expires: "链接有效期", "How long the link works";
        friend_expires_late: "尽可能久", "As long as possible";
        friend_expires_hour: "1 小时", "1 hour";
        friend_expires_hours: "6 小时", "6 hours";
        friend_button: "生成代付链接", "Make the link";
        friend_links: "已生成的代付链接", "Links you have made";
        friend_link_unnamed: "代付链接", "Link for a friend";
        cancel_title: "取消订单", "Cancel the order";
        cancel_text: "取消后这个码和所有代付链接都会失效，不能恢复。", "The code and every friend link stop working. This cannot be undone.";
        cancel_button: "确认取消订单", "Yes, cancel the order";
        receipt_keep: "请以钱包里的账单为付款凭证。", "Your wallet’s own record is the proof of payment.";
        safety: "付款前请在钱包里核对收款方和金额。", "Before paying, check payee and amount in the wallet.";
        no_wallets: "现在没有可用的付款方式，请回到商店。", "There is no way to pay right now. Please go back to the shop.";
        refresh_hint: "付好了？", "Paid already?";
    }
}
