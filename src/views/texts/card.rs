//! Words of the album card.

use super::texts;

texts! {
    /// Words of the album card. Each stands on one line or two of a picture, so they are short.
    CardTexts {
        deadline: "请在 {} 前付款（UTC+8）", "Pay before {} (UTC+8)";
        scan_wechat: "打开微信，点右上角「+」，再点「扫一扫」", "Open WeChat, tap “+” at the top right, then “Scan” (扫一扫)";
        scan_home: "打开{}，在首页点「扫一扫」", "Open {} and tap “Scan” (扫一扫) on its home page";
        album_wechat: "点右下角「相册」，选中这张图片", "Tap “Album” (相册) at the bottom right and pick this picture";
        album_alipay: "点「相册」，选中这张图片", "Tap “Album” (相册) and pick this picture";
        album_unionpay: "点右上角「相册」，选中这张图片", "Tap “Album” (相册) at the top right and pick this picture";
        check: "核对收款方和金额，再付款", "Check payee and amount, then pay";
        open_page: "用另一部手机的相机扫这个码，打开付款页", "Scan this code with another phone’s camera to open the payment page";
        choose_wallet: "选择{}", "Choose {}";
        follow_page: "按付款页上的步骤付款", "Follow the steps on that page";
        warning: "不认识这笔订单，就不要付款", "Pay only if you know this order";
        warning_friend: "不认识请你代付的人，就不要付款", "Pay only for people you know";
    }
}
