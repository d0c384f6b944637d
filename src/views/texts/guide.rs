//! Words of the album-scan guide. Labels of foreign apps change with their versions, so the pages say that they may differ.

use super::texts;

texts! {
    /// Words of the guide and of its drawings.
    GuideTexts {
        title: "怎样用{}从相册扫码付款", "Paying with {} from a saved picture";
        intro: "手机扫不到自己的屏幕，但{}可以读取保存在相册里的图片。共六步：", "A phone cannot scan its own screen, but {} can read a picture from the album. Six steps:";
        picture_title: "先保存这张图片", "First, save this picture";
        open: "打开{}", "Open {}";
        open_text: "先确认图片已经在相册里。", "Make sure that the picture is in your album.";
        scan_wechat: "点右上角「+」，再点「扫一扫」", "Tap “+” at the top right, then “Scan” (扫一扫)";
        scan_wechat_text: "也可以从「发现」页进入「扫一扫」。", "“Scan” is also under “Discover” (发现).";
        scan_home: "在首页点「扫一扫」", "On the home page, tap “Scan” (扫一扫)";
        scan_home_text: "它一般在首页最上面。", "It is usually near the top.";
        album_wechat: "点右下角的「相册」", "Tap “Album” (相册) at the bottom right";
        album_alipay: "点「相册」", "Tap “Album” (相册)";
        album_unionpay: "点右上角的「相册」", "Tap the album (相册) at the top right";
        album_text: "不用把摄像头对准任何东西。", "You need not point the camera at anything.";
        pick: "选中刚才保存的图片", "Pick the picture you saved";
        pick_text: "一般是最新的一张。", "It is usually the newest one.";
        check: "核对收款方和金额", "Check payee and amount";
        check_order: "收款方应是 {}", "The payee should be {}";
        check_amount: "金额应是 {}", "The amount should be {}";
        check_text: "不一致就不要付。", "If they differ, do not pay.";
        pay: "付款，然后回到原来的页面", "Pay, then return to the page you came from";
        pay_text: "那一页会自动变成付款成功。", "That page turns into the receipt by itself.";
        wechat_note: "这个办法适用于本页的二维码：它打开的是一个网页，再在微信里付款。微信支付自己的收款码（weixin://）不能从相册识别，只能用摄像头扫。",
            "This works for the code of this page, which opens a web page inside WeChat. WeChat Pay’s own payment codes (weixin://) are refused from the album; they need a camera.";
        unionpay_note: "云闪付请用它自己的付款码：在付款页选择云闪付，显示它的码，再保存那一张。",
            "For QuickPass, use its own code: choose it on the payment page, show its code, and save that picture.";
        confidence_high: "按钮名称来自多处一致的说明，新版本可能略有变化。", "These labels agree in several sources; a newer version may differ a little.";
        confidence_low: "按钮名称来自少量说明，你的版本可能不同。", "These labels come from few sources; your version may differ.";
        trouble: "没成功？", "It did not work?";
        no_picture: "相册里找不到图片", "The picture is not in the album";
        no_picture_text: "直接截屏也可以：让整个二维码连同白边都在屏幕里。", "A screenshot works too: keep the whole code and its white edge on the screen.";
        no_permission: "打不开相册", "The album does not open";
        no_permission_text: "在手机「设置」里允许该应用访问照片，再试一次。", "In the phone’s settings, allow the app to see photos, then try again.";
        not_recognised: "识别不出二维码", "The code is not recognised";
        not_recognised_text: "不要裁剪或加滤镜，重新保存原图再试。", "Do not crop or filter it. Save the original again and retry.";
        refused: "提示不支持或有风险", "It says “not supported” or “risk”";
        refused_wechat: "可能选中了微信自己的收款码。请选从本页保存的图片，或请另一部手机扫屏幕。",
            "Perhaps it is one of WeChat’s own payment codes. Pick the picture saved from this page, or let another phone scan the screen.";
        refused_other: "不要反复尝试。换一种钱包，或请另一部手机扫屏幕。", "Do not keep trying. Choose another wallet, or let another phone scan the screen.";
        expired: "提示已过期", "It says “expired”";
        expired_text: "回到原来的页面看看还剩多少时间；需要时回商店重新下单。", "Look at the time left on the page you came from; if it is over, order again in the shop.";
        other_wallets: "其他应用的步骤", "Steps for other apps";
        back_to_payment: "回到付款页", "Back to the payment";
        drawing: "示意图：{}", "Drawing: {}";
        label_scan: "扫一扫", "扫一扫 Scan";
        label_album: "相册", "相册 Album";
        label_pay: "付款", "付款 Pay";
        label_done: "完成", "完成 Done";
    }
}
