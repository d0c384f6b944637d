//! The plan of a handoff, asked for over HTTP and on the command line.

use serde_json::{Value, json};

use crate::harness::{Server, Shop, finished, program};

const TAOBAO: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 AliApp(TB/10.28.10) WindVane/8.7.2 1170x2532";
const WECHAT: &str = "Mozilla/5.0 (Linux; Android 13; V2148A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F30) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64";
const ALIPAY: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/20A362 ChannelId(3) NebulaSDK/1.8.100112 Nebula AlipayDefined(nt:WIFI,ws:390|780|3.0) AliApp(AP/10.3.0.6000) AlipayClient/10.3.0.6000 Language/zh-Hans";
const DESKTOP: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

async fn plan(shop: &Shop, user_agent: &str, wallet: &str, more: &str) -> Value {
    let encoded: String = url::form_urlencoded::byte_serialize(user_agent.as_bytes()).collect();
    shop.get(&format!("/v1/handoff?user_agent={encoded}&wallet={wallet}{more}")).await.expect(200).json()
}

fn methods(plan: &Value) -> Vec<&str> {
    let steps = plan["steps"].as_array().unwrap();
    assert!(!steps.is_empty(), "there is always a way: {plan}");
    assert!(
        steps.iter().all(|step| step["reason"].as_str().is_some_and(|reason| !reason.is_empty())),
        "each step says why: {plan}"
    );
    let methods: Vec<&str> = steps.iter().map(|step| step["method"].as_str().unwrap()).collect();
    let known = ["pay_in_app", "redirect", "scan_screen", "scan_album", "copy_link", "open_in_browser", "ask_friend"];
    assert!(methods.iter().all(|method| known.contains(method)), "{methods:?}");
    methods
}

#[tokio::test]
async fn a_plan_names_where_we_are_and_what_works_there() {
    let server = Server::start().await;
    let shop = server.shop();
    let taobao = plan(&shop, TAOBAO, "wechat_pay", "").await;
    assert_eq!(
        (&taobao["host_app"], &taobao["platform"], &taobao["wallet"]),
        (&json!("taobao"), &json!("ios"), &json!("wechat_pay"))
    );
    let ways = methods(&taobao);
    assert!(!ways.contains(&"pay_in_app") && !ways.contains(&"redirect"), "{ways:?}");
    assert!(ways.contains(&"scan_album") && ways.contains(&"ask_friend"), "{ways:?}");
    let wechat = plan(&shop, WECHAT, "wechat_pay", "").await;
    assert_eq!((&wechat["host_app"], &wechat["platform"]), (&json!("wechat"), &json!("android")));
    assert_eq!(methods(&wechat)[0], "pay_in_app");
    let alipay = plan(&shop, ALIPAY, "alipay", "").await;
    assert_eq!((&alipay["host_app"], methods(&alipay)[0]), (&json!("alipay"), "pay_in_app"));
    assert!(
        !methods(&plan(&shop, WECHAT, "alipay", "").await).contains(&"pay_in_app"),
        "one wallet does not pay inside another"
    );
    let desktop = plan(&shop, DESKTOP, "unionpay", "").await;
    assert_eq!((&desktop["host_app"], &desktop["platform"]), (&json!("browser"), &json!("desktop")));
    assert_eq!(methods(&desktop)[0], "scan_screen");
}

#[tokio::test]
async fn a_plan_heeds_the_payer_and_the_products() {
    let server = Server::start().await;
    let shop = server.shop();
    for user_agent in [TAOBAO, WECHAT, ALIPAY, DESKTOP, "", "curl/8.0"] {
        for wallet in ["wechat_pay", "alipay", "unionpay"] {
            assert!(!methods(&plan(&shop, user_agent, wallet, "&payer=friend").await).contains(&"ask_friend"));
            let code_only = plan(&shop, user_agent, wallet, "&products=code").await;
            for method in ["pay_in_app", "redirect"] {
                assert!(!methods(&code_only).contains(&method), "{method} needs another product: {code_only}");
            }
            if wallet == "wechat_pay" {
                assert!(
                    !methods(&code_only).contains(&"scan_album"),
                    "WeChat refuses its own codes from the album: {code_only}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_question_without_a_wallet_or_with_unknown_words_is_400() {
    let server = Server::start().await;
    let shop = server.shop();
    for query in [
        "user_agent=x",
        "user_agent=x&wallet=paypal",
        "user_agent=x&wallet=alipay&payer=cat",
        "user_agent=x&wallet=alipay&products=magic",
        "user_agent=x&wallet=alipay&products=",
        "user_agent=x&wallet=alipay&products=code,",
    ] {
        shop.get(&format!("/v1/handoff?{query}")).await.problem(400, "");
    }
}

#[tokio::test]
async fn the_command_line_tells_the_same_plan() {
    let server = Server::start().await;
    let over_http = plan(&server.shop(), TAOBAO, "alipay", "").await;
    let output = finished(program().args(["plan", "--user-agent", TAOBAO, "--wallet", "alipay"]));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let planned: Value = serde_json::from_slice(&output.stdout).expect("the plan as JSON");
    assert_eq!(methods(&planned), methods(&over_http));
    assert_eq!((&planned["host_app"], &planned["platform"]), (&over_http["host_app"], &over_http["platform"]));
    let output = finished(program().args(["plan", "--words", "--user-agent", TAOBAO, "--wallet", "alipay"]));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(told.contains("taobao") && told.contains("ios") && told.contains("alipay"), "{told}");
    let mut rest = told.as_str();
    for method in methods(&over_http) {
        rest = rest.split_once(method).unwrap_or_else(|| panic!("{method} in this order: {told}")).1;
    }
    for wrong in [vec!["plan"], vec!["plan", "--wallet", "paypal", "--user-agent", "x"]] {
        assert_eq!(finished(program().args(&wrong)).status.code(), Some(2), "{wrong:?}");
    }
}
