//! Libraries of PyPI that play the other side in a test, each installed once for all runs.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// The folder for `PYTHONPATH` with this version of a package and what it needs.
pub fn python_library(package: &str, version: &str) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{package}-{version}"));
    let whole = folder.join(".whole");
    if !whole.exists() {
        let arguments = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target"];
        let output = Command::new("python3").args(arguments).arg(&folder).arg(format!("{package}=={version}")).output();
        let output = output.expect("this test needs python3 with pip (Debian: python3-pip)");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "this test needs pip to install {package} from PyPI: {errors}");
        std::fs::write(whole, "").unwrap();
    }
    folder
}

/// Runs a script beside this version of a package: it reads JSON from its standard input and writes JSON to its standard output.
pub fn ask_python_library(package: &str, version: &str, script: &str, given: &Value) -> Value {
    let mut child = Command::new("python3")
        .args(["-c", script])
        .env("PYTHONPATH", python_library(package, version))
        .env("NO_PROXY", "127.0.0.1")
        // China's time, written so that no table of time zones is needed.
        .env("TZ", "CST-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3");
    child.stdin.take().expect("a pipe").write_all(given.to_string().as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}
