//! What must hold on every page, whatever it shows.

use super::render_samples;

fn pages() -> Vec<(String, String)> {
    render_samples().unwrap().into_iter().map(|sample| (sample.name, sample.html)).collect()
}

/// The values of an attribute in a document; our templates always quote with `"`.
fn attribute_values<'html>(html: &'html str, attribute: &str) -> Vec<&'html str> {
    let opening = format!(" {attribute}=\"");
    html.split(opening.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_sample_is_a_whole_document_in_its_language() {
    for (name, html) in pages() {
        let tag = if name.ends_with("zh-CN") { "zh-CN" } else { "en" };
        assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"), "{name}");
        assert!(html.contains(&format!("<html lang=\"{tag}\">")), "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name} must have one main heading");
        assert_eq!(html.matches("<main").count(), 1, "{name}");
        assert!(html.contains("noindex"), "{name}");
        assert!(!html.contains("{}"), "{name} has a text whose value was not filled in");
    }
}

#[test]
fn nothing_on_a_page_breaks_the_content_security_policy() {
    for (name, html) in pages() {
        assert!(!html.contains("style=\"") && !html.contains("<style"), "{name} has an inline style");
        assert!(!html.contains("javascript:"), "{name}");
        assert_eq!(html.matches("<script").count(), 1, "{name} must load our script and no other");
        assert!(html.contains("<script src=\"/assets/app-"), "{name}");
        for handler in [" onclick=", " onload=", " onerror=", " onsubmit="] {
            assert!(!html.contains(handler), "{name}");
        }
        for source in attribute_values(&html, "src") {
            assert!(source.starts_with('/') && !source.starts_with("//"), "{name} loads {source} from elsewhere");
        }
        for action in attribute_values(&html, "action") {
            // The one page that sends its form to a wallet is given leave to by its own handler.
            let may_leave = name.starts_with("attempt-form-") && action.starts_with("https://gateway.95516.example/");
            assert!(action.starts_with('/') || may_leave, "{name} sends a form to {action}");
        }
    }
}

#[test]
fn words_that_people_typed_stay_words() {
    for (name, html) in pages() {
        assert!(!html.contains("<script>"), "{name}");
        assert!(!html.contains("<b><b>"), "{name}");
    }
    let friend = pages().into_iter().find(|(name, _)| name == "friend-extreme-en").unwrap().1;
    assert!(friend.contains("<bdi>&#60;b&#62;"), "the requester's words are escaped and isolated");
}

#[test]
fn identifiers_in_a_page_are_unique_and_labels_find_theirs() {
    for (name, html) in pages() {
        let mut ids = attribute_values(&html, "id");
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name} repeats an id");
        for attribute in ["for", "aria-labelledby", "aria-describedby", "data-copy"] {
            for target in attribute_values(&html, attribute) {
                assert!(ids.binary_search(&target).is_ok(), "{name}: {attribute}={target} leads nowhere");
            }
        }
        for target in attribute_values(&html, "href").into_iter().filter_map(|href| href.strip_prefix('#')) {
            assert!(ids.binary_search(&target).is_ok(), "{name}: #{target} leads nowhere");
        }
    }
}

#[test]
fn a_page_of_the_sandbox_says_so() {
    for (name, html) in pages() {
        let guide_without_order = name.starts_with("guide") && !name.starts_with("guide-order");
        assert_eq!(html.contains("class=\"sandbox\""), !guide_without_order, "{name}");
    }
}

#[test]
fn what_cannot_be_paid_offers_no_way_to_pay() {
    let over =
        ["paid", "expired", "cancelled", "refunded", "declined", "revoked", "closed", "closing", "over", "given-back"];
    for (name, html) in pages() {
        let payers_page = ["checkout-", "pay-", "friend-", "attempt-"].iter().any(|page| name.starts_with(page));
        let state = name.trim_end_matches("-zh-CN").trim_end_matches("-en");
        if payers_page && over.iter().any(|word| state.ends_with(word)) {
            assert!(!html.contains("qr.png"), "{name} still shows a code");
            assert!(!html.contains("/attempts\""), "{name} still begins payments");
        }
    }
}

#[test]
fn no_page_tells_a_payer_to_save_wechats_own_code() {
    for (name, html) in pages().into_iter().filter(|(name, _)| name.starts_with("attempt-wechat-code")) {
        assert!(html.contains("/attempts/att_1/qr.png\""), "{name}");
        assert!(!html.contains("download"), "{name} offers to save a code that the album refuses");
    }
}

#[test]
fn a_way_that_is_in_no_plan_is_not_advised() {
    let page = |name: &str| pages().into_iter().find(|(found, _)| found == name).unwrap().1;
    let desktop = page("checkout-desktop-en");
    assert!(!desktop.contains("/guide/") && !desktop.contains("download") && !desktop.contains("id=\"copy\""));
    let taobao = page("checkout-taobao-en");
    assert!(taobao.contains("/c/SAMPLE/guide/wechat_pay") && taobao.contains("id=\"copy\""));
    assert!(!taobao.contains("qr.png?download=1"), "an app's web view ignores downloads");
    assert!(page("checkout-browser-en").contains("qr.png?download=1"));
}

#[test]
fn a_friend_is_never_shown_the_buyers_side() {
    for (name, html) in
        pages().into_iter().filter(|(name, _)| name.starts_with("friend-") && !name.starts_with("friend-link"))
    {
        for secret in ["/c/SAMPLE", "/s/SAMPLE", "200017", "shop.example", "/cancel", "friend_links"] {
            assert!(!html.contains(secret), "{name} shows {secret}");
        }
    }
}

#[test]
fn a_link_preview_tells_no_amount_and_no_name() {
    for (name, html) in pages() {
        let head = html.split("</head>").next().unwrap();
        for content in attribute_values(head, "content") {
            assert!(
                !content.contains('¥') && !content.contains("景德") && !content.contains("小林"),
                "{name}: {content}"
            );
        }
    }
}

#[test]
fn the_code_has_room_and_is_never_blurred() {
    let style = include_str!("../../assets/app.css");
    assert!(style.contains("image-rendering: pixelated"));
    for (name, html) in pages() {
        for picture in
            html.split("<img ").skip(1).filter(|tag| tag.split('>').next().is_some_and(|tag| tag.contains("qr.png")))
        {
            let width: u32 = attribute_values(&format!(" {picture}"), "width")[0].parse().unwrap();
            assert!(width >= 240, "{name} draws a code {width} px wide");
            assert!(picture.contains(" height=\"") && picture.contains(" alt=\""), "{name}");
        }
    }
}
