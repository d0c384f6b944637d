//! Words of pages that are one message.

use super::texts;

texts! {
    /// A title and a text for each message.
    MessageTexts {
        not_found: "找不到这个页面", "This page does not exist";
        not_found_text: "链接可能不完整、已经失效，或被收回了。请向给你链接的人要一个新的。", "The link may be incomplete, out of date, or taken back. Ask whoever sent it for a new one.";
        order_finished: "这一单不能再付了", "This order can no longer be paid";
        order_finished_text: "它已付款、过期或取消。请不要再付款。", "It is paid, expired or cancelled. Please do not pay.";
        wallet_not_allowed: "这一单不支持这个钱包", "This order does not take that wallet";
        wallet_not_allowed_text: "请返回选择页面上列出的付款方式。", "Go back and choose one of the ways on the page.";
        others_first: "现在轮到别人付款", "Others may pay now";
        others_first_text: "你刚才占用过这个链接，期间有别人想付款。{}之后你可以再试。", "You had this link for yourself a while ago, and somebody else wanted to pay meanwhile. You can try again from {} on.";
        link_held: "有人正在付款", "Someone else is paying";
        link_held_text: "为了不重复付款，{}之后才能由别人付。到时候请刷新。", "So that nobody pays twice, others can pay from {} on. Please come back then.";
        too_many_attempts: "正在进行的付款太多了", "Too many payments are under way";
        too_many_attempts_text: "请先完成或放弃已经开始的付款。", "Finish or give up one that has begun, then try again.";
        too_many_friend_links: "代付链接太多了", "Too many friend links";
        too_many_friend_links_text: "一单最多同时有 10 个有效链接。请先收回一个。", "An order can have 10 open links at a time. Take one back first.";
        bad_words: "这段文字不能用", "These words cannot be used";
        bad_words_requester: "你的称呼", "Your name";
        bad_words_message: "留言", "The message";
        bad_words_text: "请返回修改后再试。", "Please go back and change them.";
        bad_words_rule: "{}：", "{}: ";
        rule_empty: "不能为空", "it must not be empty";
        rule_too_long: "最多 {} 个字", "at most {} characters";
        rule_deceptive: "含有控制字符或改变文字方向的字符", "it has control or text-direction characters";
        rule_link: "含有链接或地址", "it has a link or an address";
        bad_form: "没看懂这次提交", "The form could not be read";
        bad_form_text: "请返回，再试一次。", "Please go back and try again.";
        cross_site: "这个请求来自别的网站", "This request came from another site";
        cross_site_text: "为了安全，请在本页面上操作。什么都没有改变。", "For your safety, please act on our own page. Nothing was changed.";
        login_needed: "{}还不知道是谁在付款", "{} does not know yet who pays";
        login_needed_text: "在{}里付款，要先让它认出你。我们只得到一个代号，得不到你的名字、头像或好友。", "To be paid here, {} has to recognise you first. We learn a code for you, not your name, picture or friends.";
        login_button: "继续", "Continue";
        login_lost: "没能接上刚才的登录", "The login could not be picked up";
        login_lost_text: "可能隔得太久，或换了浏览器。没有扣款。请重新扫码或打开付款链接。", "Perhaps too much time passed, or this is another browser. Nothing was charged. Scan the code or open the payment link again.";
        too_many_requests: "操作太频繁", "Too many requests";
        too_many_requests_text: "请等一会儿再试。", "Please wait a moment and try again.";
        unavailable: "暂时无法处理", "Not available right now";
        unavailable_text: "请稍后再试。如果已经付款，钱不会丢，结果会自动补上。", "Please try again soon. If you have paid, the money is not lost; the result will catch up.";
        server_error: "我们出错了", "Something went wrong on our side";
        server_error_text: "请稍后再试。如果已经付款，钱不会丢，结果会自动补上。", "Please try again soon. If you have paid, the money is not lost; the result will catch up.";
        request_id: "请求编号", "Request number";
    }
}
