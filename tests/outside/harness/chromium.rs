//! A real Chromium without a screen, driven over the WebDriver protocol, with a profile of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::wait::{SOON, wait_until};

/// The key under which WebDriver writes an element's reference.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How WebDriver writes the Enter key.
const ENTER_KEY: &str = "\u{e007}";

/// Longer than the driver itself waits for anything: for a browser's start one minute, for a page or a script as long as it is told.
const PATIENCE: Duration = Duration::from_secs(300);

const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
    "--hide-scrollbars",
    "--disable-default-apps",
];

/// What the driver says when the page was renewed between two steps of one call.
const RENEWED: [&str; 7] = [
    "stale element",
    "does not belong to the document",
    "aborted by navigation",
    "document unloaded",
    "context was destroyed",
    "Cannot find context",
    "net::ERR_ABORTED",
];

/// What it says of an element that cannot be clicked yet.
const NOT_YET: [&str; 2] = ["not interactable", "click intercepted"];

fn says(problem: &Value, words: &[&str]) -> bool {
    let message = problem["message"].as_str().unwrap_or_default();
    words.iter().any(|part| message.contains(part))
}

/// Which browser a person holds.
#[derive(Clone, Copy)]
pub struct Look {
    /// Whether scripts run.
    pub script: bool,
    /// The `Accept-Language` value.
    pub language: &'static str,
    /// Width of the page in CSS pixels; phones have 360.
    pub width: u32,
    /// Height of the page in CSS pixels.
    pub height: u32,
    /// Screen pixels for each CSS pixel.
    pub density: u8,
    /// What the browser says it is.
    pub user_agent: &'static str,
    /// Whether the person likes dark pages.
    pub dark: bool,
}

impl Default for Look {
    /// A small Android phone that reads Chinese.
    fn default() -> Self {
        Self {
            script: true,
            language: "zh-CN",
            width: 360,
            height: 640,
            density: 2,
            dark: false,
            user_agent: "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
        }
    }
}

/// A running browser. It is closed, and its profile removed, when this is dropped.
pub struct Chromium {
    driver: Child,
    port: u16,
    session: String,
    /// The browser's own process, in case the driver does not answer any more.
    process: Option<u64>,
    script: bool,
    client: reqwest::Client,
    profile: TempDir,
}

impl Chromium {
    /// Starts a driver on a free port and a browser with a new profile. On a very busy machine the driver may give up waiting for
    /// the browser that it has just begun: that says nothing of the program under test, so it may begin anew twice.
    pub async fn start(look: &Look) -> Self {
        for _ in 0..2 {
            match Self::try_start(look).await {
                Ok(chromium) => return chromium,
                Err(problem) => println!("the browser did not start: {}", problem["message"]),
            }
        }
        Self::try_start(look).await.unwrap_or_else(|problem| panic!("no session: {problem}"))
    }

    async fn try_start(look: &Look) -> Result<Self, Value> {
        let profile = tempfile::tempdir().expect("a directory");
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver =
            command.spawn().expect("chromedriver is installed (Debian: apt-get install chromium chromium-driver)");
        let mut lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_suffix('.')?.split("successfully on port ").nth(1)?.parse().ok());
        let Some(port) = port else {
            let _ = driver.kill();
            return Err(json!({ "message": format!("the driver told no port and ended: {:?}", driver.wait()) }));
        };
        std::thread::spawn(move || lines.for_each(drop)); // The driver must not meet a full pipe.
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        let mut chromium =
            Self { driver, port, session: String::new(), process: None, script: look.script, client, profile };
        let capabilities = chromium.capabilities(look);
        let started = chromium.try_call(reqwest::Method::POST, "session", Some(&capabilities)).await?;
        started["sessionId"].as_str().expect("a session").clone_into(&mut chromium.session);
        chromium.process = started["capabilities"]["goog:processID"].as_u64();
        Ok(chromium)
    }

    fn capabilities(&self, look: &Look) -> Value {
        let mut flags: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        flags.push(format!("--user-data-dir={}", self.profile.path().display()));
        flags.push(format!("--lang={}", look.language));
        let mut preferences = json!({ "intl.accept_languages": look.language });
        if !look.script {
            preferences["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        let metrics = json!({ "width": look.width, "height": look.height, "pixelRatio": look.density, "mobile": look.width < 600 });
        let mut options = json!({ "args": flags, "prefs": preferences });
        if !look.user_agent.is_empty() {
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics, "userAgent": look.user_agent });
        }
        json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": 240_000, "pageLoad": 240_000 },
        } } })
    }

    /// Asks the driver; anew when the page was being renewed just then.
    async fn call(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> Value {
        wait_until(SOON, path, async || match self.try_call(method.clone(), path, body).await {
            Ok(value) => Some(value),
            Err(problem) => {
                assert!(says(&problem, &RENEWED), "{path}: {problem}");
                None
            }
        })
        .await
    }

    async fn try_call(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> Result<Value, Value> {
        let mut request = self.client.request(method, format!("http://127.0.0.1:{}/{path}", self.port));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(json!({ "message": format!("the driver does not answer: {error}") })),
        };
        let right = response.status().is_success();
        let mut answer: Value = response.json().await.expect("the driver speaks JSON");
        let value = answer["value"].take();
        if right { Ok(value) } else { Err(value) }
    }

    async fn command(&self, path: &str, body: &Value) -> Value {
        self.call(reqwest::Method::POST, &format!("session/{}/{path}", self.session), Some(body)).await
    }

    async fn ask(&self, path: &str) -> Value {
        self.call(reqwest::Method::GET, &format!("session/{}/{path}", self.session), None).await
    }

    /// Opens a page, by its whole address, and waits until it has loaded.
    pub async fn open(&self, address: &str) {
        self.command("url", &json!({ "url": address })).await;
    }

    /// Waits until the page has this in its address and is there whole, with its scripts at work.
    pub async fn arrives(&self, part: &str) {
        wait_until(SOON, part, async || {
            let there = self.address().await.contains(part);
            let whole = !self.script || self.run("return document.readyState;").await == "complete";
            (there && whole).then_some(())
        })
        .await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.command("refresh", &json!({})).await;
    }

    /// The page's address.
    pub async fn address(&self) -> String {
        self.ask("url").await.as_str().expect("an address").to_owned()
    }

    /// The page's markup as it stands now.
    pub async fn source(&self) -> String {
        self.ask("source").await.as_str().expect("a source").to_owned()
    }

    async fn find(&self, selector: &str) -> Result<String, Value> {
        let body = json!({ "using": "css selector", "value": selector });
        let path = format!("session/{}/element", self.session);
        let element = self.try_call(reqwest::Method::POST, &path, Some(&body)).await?;
        Ok(element[ELEMENT].as_str().expect("an element").to_owned())
    }

    /// Whether the page has such an element.
    pub async fn has(&self, selector: &str) -> bool {
        wait_until(SOON, selector, async || match self.find(selector).await {
            Ok(_) => Some(true),
            Err(problem) if says(&problem, &["no such element"]) => Some(false),
            Err(problem) => {
                assert!(says(&problem, &RENEWED), "{selector}: {problem}");
                None
            }
        })
        .await
    }

    /// Clicks the first such element, waiting for it to be there and in reach; anew when the page was renewed between the two.
    /// Where no scripts run, the driver cannot click (it waits for a script of its own), so the Enter key is pressed on the element
    /// instead.
    pub async fn click(&self, selector: &str) {
        let (what, body) = if self.script { ("click", json!({})) } else { ("value", json!({ "text": ENTER_KEY })) };
        wait_until(SOON, selector, async || {
            let element = self.find(selector).await.ok()?;
            let path = format!("session/{}/element/{element}/{what}", self.session);
            match self.try_call(reqwest::Method::POST, &path, Some(&body)).await {
                Ok(_) => Some(()),
                Err(problem) => {
                    assert!(says(&problem, &RENEWED) || says(&problem, &NOT_YET), "{selector}: {problem}");
                    None
                }
            }
        })
        .await;
    }

    /// Types into the first such element, replacing what stands there.
    pub async fn type_into(&self, selector: &str, text: &str) {
        wait_until(SOON, selector, async || {
            let element = self.find(selector).await.ok()?;
            for (what, body) in [("clear", json!({})), ("value", json!({ "text": text }))] {
                let path = format!("session/{}/element/{element}/{what}", self.session);
                if let Err(problem) = self.try_call(reqwest::Method::POST, &path, Some(&body)).await {
                    assert!(says(&problem, &RENEWED) || says(&problem, &NOT_YET), "{selector}: {problem}");
                    return None;
                }
            }
            Some(())
        })
        .await;
    }

    /// Presses keys one after the other, as a person without a pointer does.
    pub async fn press(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() })))
            .collect();
        self.command("actions", &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] })).await;
    }

    /// Gives the browser an order in its own protocol.
    pub async fn order(&self, order: &str, parameters: Value) -> Value {
        self.command("goog/cdp/execute", &json!({ "cmd": order, "params": parameters })).await
    }

    /// Runs a function's body in the page and returns what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({ "script": script, "args": [] })).await
    }

    /// From now on every answer begins so much later, as over a slow phone network. What is being streamed already is not delayed.
    pub async fn slow_down(&self, delay: Duration) {
        let conditions = json!({ "latency": delay.as_millis() as u64, "download_throughput": -1, "upload_throughput": -1, "offline": false });
        self.command("chromium/network_conditions", &json!({ "network_conditions": conditions })).await;
    }

    /// The visible part of the page as a PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        let base64 = self.ask("screenshot").await;
        base64::engine::general_purpose::STANDARD.decode(base64.as_str().expect("base64")).expect("base64")
    }

    /// What the browser complained about since this was last asked.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.command("se/log", &json!({ "type": "browser" })).await;
        let messages = entries.as_array().expect("entries").iter();
        messages
            .filter(|entry| entry["level"] == "SEVERE" || entry["source"] == "security")
            .map(Value::to_string)
            .collect()
    }
}

impl Drop for Chromium {
    /// Ends the session first, so that the driver takes its browser with it.
    fn drop(&mut self) {
        if let Ok(mut connection) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = connection.set_read_timeout(Some(Duration::from_secs(5)));
            let head =
                format!("DELETE /session/{} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n", self.session);
            let _ = connection.write_all(head.as_bytes());
            let answered = connection.read(&mut [0; 1024]).is_ok_and(|count| count > 0);
            if let Some(process) = self.process.filter(|_| !answered) {
                let _ = Command::new("kill").args(["-KILL", &process.to_string()]).status();
            }
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
