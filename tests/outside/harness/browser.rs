//! A person's browser: it keeps cookies, follows nothing by itself, and says where its forms come from.

use reqwest::Method;
use serde_json::Value;

use super::answer::{Answer, path_of};
use super::stream::LiveStatus;

/// One browser with its own cookies.
pub struct Browser {
    client: reqwest::Client,
    base: String,
    user_agent: String,
    language: String,
}

impl Browser {
    /// A plain desktop browser that reads Chinese.
    pub fn new(base: &str) -> Self {
        let client =
            reqwest::Client::builder().no_proxy().pool_idle_timeout(super::wait::SHORT_REST).cookie_store(true);
        let client = client.redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let user_agent =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
        Self { client, base: base.to_owned(), user_agent: user_agent.to_owned(), language: "zh-CN,zh;q=0.9".to_owned() }
    }

    /// The same browser, reading another language.
    #[must_use]
    pub fn reading(mut self, language: &str) -> Self {
        language.clone_into(&mut self.language);
        self
    }

    /// The same browser, inside another app.
    #[must_use]
    pub fn inside(mut self, user_agent: &str) -> Self {
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// A request as this browser sends it, to be completed. `address` may name an origin, which is then left out.
    pub fn request(&self, method: Method, address: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{}", self.base, path_of(address)));
        request.header("user-agent", &self.user_agent).header("accept-language", &self.language)
    }

    /// Opens a page.
    pub async fn get(&self, address: &str) -> Answer {
        Answer::of(self.request(Method::GET, address).header("accept", "text/html,*/*")).await
    }

    /// Asks for a page's head alone.
    pub async fn head(&self, address: &str) -> Answer {
        Answer::of(self.request(Method::HEAD, address)).await
    }

    /// Sends a form from one of the program's own pages.
    pub async fn post_form(&self, address: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, address);
        Answer::of(request.header("origin", &self.base).header("sec-fetch-site", "same-origin").form(form)).await
    }

    /// Begins to pay with a wallet, and returns the path of the attempt's page.
    pub async fn begin(&self, page: &str, wallet: &str) -> String {
        self.begin_with(page, &[("wallet", wallet)]).await
    }

    /// Begins to pay by the wallet's own code, and returns the path of the attempt's page.
    pub async fn begin_code(&self, page: &str, wallet: &str) -> String {
        self.begin_with(page, &[("wallet", wallet), ("product", "code")]).await
    }

    async fn begin_with(&self, page: &str, form: &[(&str, &str)]) -> String {
        let location = self.post_form(&format!("{}/attempts", path_of(page)), form).await.location();
        assert!(location.contains("/attempts/att_"), "an attempt has a page: {location}");
        location
    }

    /// Plays the simulated wallet app.
    pub async fn play(&self, trade_no: &str, outcome: &str) {
        let answer = self.post_form(&format!("/sandbox/{trade_no}"), &[("outcome", outcome)]).await;
        assert!((200..400).contains(&answer.status), "{}: {} {}", answer.asked, answer.status, answer.text());
    }

    /// Reads a page's status.
    pub async fn status(&self, page: &str) -> Value {
        self.get(&format!("{}/status", path_of(page))).await.expect(200).json()
    }

    /// Opens a page's stream of events, after the event of this id if there is one.
    pub async fn watch(&self, page: &str, after: Option<&str>) -> LiveStatus {
        let mut request = self.request(Method::GET, &format!("{}/events", path_of(page)));
        request = request.header("accept", "text/event-stream");
        if let Some(id) = after {
            request = request.header("last-event-id", id);
        }
        LiveStatus::new(request.send().await.expect("a stream"))
    }
}
