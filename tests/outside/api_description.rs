//! The description of the API (`/openapi.json`) and the program agree: a public tool makes calls from the description, good and
//! bad ones, and looks whether the answers are the described ones.

use std::process::Command;

use crate::harness::{API_KEY, Server, python_library};

/// Not asked of it: that every call which fits the description is taken. Some rules (one of the merchant's origins, an order that
/// can still be paid) cannot be said in a schema.
const NOT_SAID_IN_SCHEMAS: &str = "positive_data_acceptance";

/// How long it waits for an answer, in seconds, and that its own slowness is nobody's fault: a busy machine says nothing of the API.
const PATIENCE: [&str; 4] = ["--request-timeout", "120", "--suppress-health-check", "too_slow"];

#[tokio::test(flavor = "multi_thread")]
async fn a_public_tool_finds_no_answer_that_is_not_described() {
    let server = Server::start().await;
    let library = python_library("schemathesis", "4.32.5");
    let document = format!("{}/openapi.json", server.base());
    // Its own notes of each run stay out of the project.
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_owned();
    let run = move || {
        Command::new("python3")
            .current_dir(home)
            .args(["-m", "schemathesis.cli", "run", &document, "--no-color", "--max-examples", "15", "--seed", "1"])
            .args(PATIENCE)
            .args(["--exclude-checks", NOT_SAID_IN_SCHEMAS, "-H", &format!("Authorization: Bearer {API_KEY}")])
            .env("PYTHONPATH", library)
            .env("NO_PROXY", "127.0.0.1")
            .output()
            .expect("python3")
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("Tested: 21"), "every call of the description is tried: {said}");
}
