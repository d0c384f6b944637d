//! Libraries of others that play the other side in a test, each installed once for all runs: from PyPI and from npm.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// The folder into which `install` puts this version of a package and what it needs.
fn installed(package: &str, version: &str, needs: &str, install: impl FnOnce(&Path) -> Command) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{package}-{version}"));
    let whole = folder.join(".whole");
    if !whole.exists() {
        let output = install(&folder).output();
        let output = output.unwrap_or_else(|error| panic!("this test needs {needs}: {error}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "this test needs {needs} to install {package}: {errors}");
        std::fs::write(whole, "").unwrap();
    }
    folder
}

/// Runs a program that reads JSON from its standard input and writes JSON to its standard output.
fn ask(program: &mut Command, given: &Value) -> Value {
    let program = program.env("NO_PROXY", "127.0.0.1");
    let pipes = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(given.to_string().as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The folder for `PYTHONPATH` with this version of a package and what it needs.
pub fn python_library(package: &str, version: &str) -> PathBuf {
    installed(package, version, "python3 with pip (Debian: python3-pip)", |folder| {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target"]);
        pip.arg(folder).arg(format!("{package}=={version}"));
        pip
    })
}

/// Runs a script beside this version of a package of PyPI.
pub fn ask_python_library(package: &str, version: &str, script: &str, given: &Value) -> Value {
    let path = python_library(package, version);
    // China's time, written so that no table of time zones is needed.
    ask(Command::new("python3").args(["-c", script]).env("PYTHONPATH", path).env("TZ", "CST-8"), given)
}

/// Runs a script beside this version of a package of npm, whose folder it finds in the variable `LIBRARY`.
pub fn ask_node_library(package: &str, version: &str, script: &str, given: &Value) -> Value {
    let folder = installed(package, version, "npm", |folder| {
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
        npm.arg(folder).arg(format!("{package}@{version}"));
        npm
    });
    let library = folder.join("node_modules").join(package);
    // Node brings its own table of time zones.
    ask(Command::new("node").args(["-e", script]).env("LIBRARY", library).env("TZ", "Asia/Shanghai"), given)
}
