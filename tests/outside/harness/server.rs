//! The real program as a child process on a free port and a directory of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::browser::Browser;
use super::shop::Shop;
use super::wait::{SOON, wait_until};

/// The sandbox merchant's key in these tests.
pub const API_KEY: &str = "test_key_0123456789abcdefghijklmnop";

const START_LIMIT: Duration = Duration::from_secs(120);

/// How a server is started.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Flags besides `--listen` and `--data-dir`.
    pub flags: Vec<String>,
    /// The configuration file's text.
    pub config: Option<String>,
    /// Environment variables besides the API key.
    pub variables: Vec<(String, String)>,
}

impl Settings {
    /// Two sandbox merchants, with the keys `key_of_the_tea_shop` and `key_of_the_book_shop`, and these lines in the first one's table.
    pub fn two_merchants(lines: &str) -> Self {
        let hash = |key: &str| {
            let digest = ring::digest::digest(&ring::digest::SHA256, key.as_bytes());
            digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let config = format!(
            "[merchants.teashop]\nname = \"Tea Shop\"\nmode = \"sandbox\"\napi_keys = [\"sha256:{}\"]\n{lines}\n\
             [merchants.bookshop]\nname = \"Book Shop\"\nmode = \"sandbox\"\napi_keys = [\"sha256:{}\"]\n",
            hash("key_of_the_tea_shop"),
            hash("key_of_the_book_shop"),
        );
        Self { config: Some(config), ..Self::default() }
    }

    /// The same with another environment variable and its value.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with another flag and its value.
    #[must_use]
    pub fn flag(mut self, name: &str, value: &str) -> Self {
        self.flags.extend([name.to_owned(), value.to_owned()]);
        self
    }
}

/// A running program. It is killed, and its directory removed, when this is dropped.
pub struct Server {
    child: Child,
    address: SocketAddr,
    home: TempDir,
    settings: Settings,
    output: Arc<Mutex<String>>,
    errors: Arc<Mutex<String>>,
}

/// The program, with none of this machine's settings for it.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pay-handoff"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PAY_HANDOFF_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end; fails (and kills it) when that takes longer than any start.
pub fn finished(command: &mut Command) -> Output {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let output = collect(child.stdout.take().expect("a pipe"));
    let errors = collect(child.stderr.take().expect("a pipe"));
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        if began.elapsed() > START_LIMIT {
            child.kill().expect("it can be killed");
            child.wait().expect("it can be waited for");
            panic!("{command:?} did not end by itself: {}", errors.lock().unwrap());
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    // The pipes are closed now; what was written is on its way through the reading threads.
    let began = Instant::now();
    while (Arc::strong_count(&output) > 1 || Arc::strong_count(&errors) > 1) && began.elapsed() < START_LIMIT {
        std::thread::sleep(Duration::from_millis(1));
    }
    let text = |shared: &Mutex<String>| shared.lock().unwrap().clone().into_bytes();
    Output { status, stdout: text(&output), stderr: text(&errors) }
}

fn collect(pipe: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let shared = Arc::new(Mutex::new(String::new()));
    let writer = Arc::clone(&shared);
    std::thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            writer.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    });
    shared
}

impl Server {
    /// Starts the program as it starts with no configuration.
    pub async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    /// Starts the program with these settings.
    pub async fn start_with(settings: Settings) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        if let Some(config) = &settings.config {
            std::fs::write(home.path().join("config.toml"), config).expect("a file");
        }
        let (child, address, output, errors) = launch(&settings, home.path(), "127.0.0.1:0").await;
        Self { child, address, home, settings, output, errors }
    }

    /// Ends the program as a power switch does: at once, with no time to tidy up.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it can be waited for");
    }

    /// Starts the program again on the same directory and address, killing it before if it still runs.
    pub async fn restart(&mut self) {
        self.restart_with(self.settings.variables.clone()).await;
    }

    /// The same with these environment variables from now on.
    pub async fn restart_with(&mut self, variables: Vec<(String, String)>) {
        self.kill();
        self.settings.variables = variables;
        let listen = self.address.to_string();
        (self.child, self.address, self.output, self.errors) = launch(&self.settings, self.home.path(), &listen).await;
    }

    /// How the program ended, if it has.
    pub fn end(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it can be waited for")
    }

    /// Asks the program to end, without waiting.
    pub fn ask_to_end(&self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(status.success());
    }

    /// Waits until the program has ended by itself.
    pub async fn ended(&mut self, limit: Duration) -> ExitStatus {
        wait_until(limit, "the end of the program", async || self.end()).await
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its origin, `http://127.0.0.1:…`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// What the audit says of its books while it runs, and whether it found nothing.
    pub fn audit(&self) -> (bool, String) {
        let output = finished(program().args(["audit", "--data-dir"]).arg(self.data_dir()));
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The audit finds these strays and no others, none of them in an order's books: account, trade, transaction, and why each is one.
    pub fn names_strays(&self, strays: &[(&str, &str, &str, &str)]) {
        let (is_clean, said) = self.audit();
        assert!(!is_clean && said.contains("The orders' books balance"), "{said}");
        let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("finding: ")).collect();
        assert_eq!(lines.len(), strays.len(), "{said}");
        for ((account, trade, transaction, why), line) in strays.iter().zip(lines) {
            for part in ["12900 CNY", account, trade, transaction, why] {
                assert!(line.contains(part), "{part} is not in: {line}");
            }
        }
    }

    /// What it has written to standard output.
    pub fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// What it has written to standard error.
    pub fn errors(&self) -> String {
        self.errors.lock().unwrap().clone()
    }

    /// What it has written to standard error once these words are among it: they come a moment after the answer.
    pub async fn errors_with(&self, words: &str) -> String {
        wait_until(SOON, words, async || Some(self.errors()).filter(|written| written.contains(words))).await
    }

    /// The sandbox merchant.
    pub fn shop(&self) -> Shop {
        self.shop_with(API_KEY)
    }

    /// The merchant with this key.
    pub fn shop_with(&self, key: &str) -> Shop {
        Shop::new(&self.base(), key)
    }

    /// A person's browser with no cookies yet.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.base())
    }

    /// Plays the simulated wallet app on the newest attempt of an order.
    pub async fn play(&self, shop: &Shop, order: &Value, outcome: &str) {
        let attempts = shop.attempts(order).await;
        let newest = attempts.first().unwrap_or_else(|| panic!("no attempt of {order}"));
        self.browser().play(newest["trade_no"].as_str().expect("a trade number"), outcome).await;
    }

    /// Pays an order: begins on its lasting page and pays in the simulated wallet. Returns once the order says so.
    pub async fn pay(&self, shop: &Shop, order: &Value, wallet: &str) {
        let payer = self.browser();
        payer.begin(order["qr"]["payload"].as_str().expect("an address"), wallet).await;
        self.play(shop, order, "paid").await;
        self.await_status(shop, order, "paid").await;
    }

    /// Waits until an order has this status.
    pub async fn await_status(&self, shop: &Shop, order: &Value, status: &str) -> Value {
        wait_until(super::SOON, &format!("the order to be {status}"), async || {
            Some(shop.order(order).await).filter(|order| order["status"] == status)
        })
        .await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("---- standard error of the program\n{}----", self.errors.lock().unwrap());
        }
    }
}

type Launched = (Child, SocketAddr, Arc<Mutex<String>>, Arc<Mutex<String>>);

async fn launch(settings: &Settings, home: &Path, listen: &str) -> Launched {
    let mut command = program();
    command.current_dir(home).env("PAY_HANDOFF_API_KEY", API_KEY);
    command.envs(settings.variables.iter().map(|(name, value)| (name, value)));
    command.args(["serve", "--listen", listen, "--data-dir"]).arg(home.join("data")).args(&settings.flags);
    if settings.config.is_some() {
        command.env_remove("PAY_HANDOFF_API_KEY").arg("--config").arg(home.join("config.toml"));
    }
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let output = collect(child.stdout.take().expect("a pipe"));
    let errors = collect(child.stderr.take().expect("a pipe"));
    let began = Instant::now();
    let address = loop {
        let line = output
            .lock()
            .unwrap()
            .lines()
            .find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
        if let Some(address) = line {
            break address.trim().parse().expect("an address");
        }
        let ended = child.try_wait().expect("it can be waited for");
        let told_to_crash = settings.variables.iter().any(|(name, _)| name == "DRILL_CRASH_AT");
        if told_to_crash && ended.is_some_and(|status| status.signal() == Some(6)) {
            // It came to its point before it listened: work was waiting for it.
            break listen.parse().expect("an address");
        }
        if ended.is_some() || began.elapsed() > START_LIMIT {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the program did not start ({ended:?}): {}", errors.lock().unwrap());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    (child, address, output, errors)
}
