//! Words of the album-scan guide. What foreign apps call their buttons comes from the handoff data; versions differ, and the pages say so.

use super::texts;

texts! {
    /// Words of the guide and of its drawings.
    GuideTexts {
        title: "怎样用{}从相册扫码付款", "Paying with {} from a saved picture";
        intro: "手机扫不到自己的屏幕，但{}可以读取保存在相册里的图片。共七步：", "A phone cannot scan its own screen, but {} can read a picture from the album. Seven steps:";
        save: "先保存二维码图片", "First, save the QR picture";
        save_own_code: "先显示{}自己的付款码，再保存它", "First, show {}’s own code and save it";
        save_ios: "长按二维码，存储到“照片”。没有菜单就截屏：同时按侧边按钮和音量加键。",
            "Press and hold the code and save it to Photos. If there is no menu, take a screenshot: side button and volume up together.";
        save_android: "长按二维码，保存图片。没有菜单就截屏：同时按电源键和音量减键。",
            "Press and hold the code and save the picture. If there is no menu, take a screenshot: power and volume down together.";
        save_any: "在手机上长按二维码保存图片；没有菜单就截屏。", "On the phone, press and hold the code to save it; if there is no menu, take a screenshot.";
        open: "打开{}", "Open {}";
        open_text: "先确认图片已经在相册里。", "Make sure that the picture is in your album.";
        scan: "点{}", "Tap {}";
        scan_at: "位置：{}。", "Where: {}.";
        album: "点{}", "Tap {}";
        album_at: "位置：{}。", "Where: {}. ";
        album_anywhere: "在扫码画面上，位置因版本而不同。", "It is on the scanning screen; where exactly differs between versions. ";
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
        own_code_note: "请用{}自己的付款码：在付款页选择它，显示它的码，再保存那一张。",
            "Use {}’s own code: choose it on the payment page, show its code, and save that picture.";
        nothing_note: "这家商店的{}付款码不能从相册扫，请不要保存。用另一部手机的摄像头扫屏幕，或换一种方式。",
            "This shop’s {} code cannot be scanned from the album, so do not save it. Scan the screen with another phone’s camera, or choose another way.";
        confidence_high: "按钮名称来自多处一致的说明，新版本可能略有变化。", "These labels agree in several sources; a newer version may differ a little.";
        confidence_low: "这些按钮名称是译名，没有在应用里核对过，你的版本可能不同。", "These labels are translated and were not checked in the app; your version may differ.";
        trouble: "没成功？", "It did not work?";
        no_picture: "相册里找不到图片", "The picture is not in the album";
        no_picture_ios: "下载的图片可能在「文件」里，扫码时看不到。请长按二维码存储到“照片”，或者截屏。",
            "A downloaded picture may be in Files, where no scanner looks. Press and hold the code and save it to Photos, or take a screenshot.";
        no_picture_android: "有些应用不让保存图片。直接截屏也可以：让整个二维码连同白边都在屏幕里。",
            "Some apps do not let you save. A screenshot works too: keep the whole code and its white edge on the screen.";
        no_picture_any: "直接截屏也可以：让整个二维码连同白边都在屏幕里。", "A screenshot works too: keep the whole code and its white edge on the screen.";
        no_permission: "打不开相册", "The album does not open";
        no_permission_ios: "打开 iPhone 的「设置」，找到{}，点「照片」，允许访问，再试一次。",
            "Open the iPhone’s Settings, find {}, tap Photos and allow access. Then try again.";
        no_permission_android: "打开手机的「设置」，在应用的权限里允许{}访问照片，再试一次。",
            "Open the phone’s Settings, go to app permissions and allow {} to see photos. Then try again.";
        no_permission_any: "在手机「设置」里允许{}访问照片，再试一次。", "In the phone’s settings, allow {} to see photos. Then try again.";
        not_recognised: "识别不出二维码", "The code is not recognised";
        not_recognised_text: "不要裁剪、缩小或加滤镜。回到付款页，让二维码完整显示，按原样重新保存一张，再试。",
            "Do not crop, shrink or filter it. Go back to the payment page, let the whole code show, save it again at full size, and retry.";
        go_save_again: "回去重新保存", "Go back and save it again";
        refused: "提示不支持从相册识别，或有风险", "It says “not supported from the album” or “risk”";
        refused_wechat: "可能选中了{}自己的收款码：它只能用摄像头扫。请选从本页保存的图片，或请另一部手机扫屏幕。",
            "Perhaps it is one of {}’s own payment codes, which need a camera. Pick the picture saved from this page, or let another phone scan the screen.";
        refused_our_page: "不要反复尝试。在付款页让{}显示它自己的付款码，用另一部手机扫屏幕，或换一种钱包。",
            "Do not keep trying. On the payment page, show {}’s own code and scan it with another phone, or choose another wallet.";
        refused_own_code: "不要反复尝试。请另一部手机上的{}用摄像头扫屏幕，或换一种钱包。",
            "Do not keep trying. Let {} on another phone scan the screen with its camera, or choose another wallet.";
        go_choose: "换一种方式", "Choose another way";
        expired: "提示已过期", "It says “expired”";
        expired_text: "旧图片不能再用。回到付款页看看还剩多少时间：没到期就重新显示付款码，到期了请回商店重新下单。",
            "The old picture cannot be used any more. Look at the time left on the payment page: if some is left, show a new code; if not, order again in the shop.";
        go_look: "看看还剩多少时间", "See how much time is left";
        no_wallet: "我没有这个钱包，或者余额不足", "I do not have this wallet, or not enough money in it";
        no_wallet_text: "可以请朋友或家人代付：他们打开链接，用自己的钱包付款。", "Ask a friend or relative to pay: they open a link and use a wallet of their own.";
        go_ask_friend: "请朋友代付", "Ask a friend to pay";
        other_guides: "其他手机和应用的步骤", "Steps for other phones and apps";
        phone_ios: "iPhone", "iPhone";
        phone_android: "安卓手机", "Android";
        phone_harmony: "鸿蒙手机", "HarmonyOS";
        back_to_payment: "回到付款页", "Back to the payment";
        drawing: "示意图：{}", "Drawing: {}";
        label_pay: "付款", "付款 Pay";
        label_done: "完成", "完成 Done";
    }
}
