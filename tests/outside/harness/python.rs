//! Libraries of PyPI that play the other side in a test, each installed once for all runs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

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
