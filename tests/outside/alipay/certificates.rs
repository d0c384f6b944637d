//! Certificates such as Alipay hands them out, over the keys of this run.

use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::pretended::keys::{Identity, identities};

/// A certificate over this identity's key with a name such as Alipay's have.
fn certificate(identity: &Identity, name: &str) -> String {
    let subject = format!("/C=CN/O=Ant Financial/OU=Certification Authority/CN={name}");
    let request = ["req", "-x509", "-new", "-days", "9", "-key"];
    let output = Command::new("openssl").args(request).arg(identity.file("key.pem")).args(["-subj", &subject]).output();
    String::from_utf8(output.expect("openssl").stdout).expect("PEM")
}

/// The merchant's certificate, Alipay's, and its two roots, as PEM.
pub struct Certificates {
    folder: TempDir,
    pub app: String,
    pub alipay: String,
    pub root: String,
}

/// The certificates of this run.
pub fn certificates() -> &'static Certificates {
    static ALL: OnceLock<Certificates> = OnceLock::new();
    ALL.get_or_init(|| {
        let all = identities();
        let made = Certificates {
            folder: tempfile::tempdir().expect("a directory"),
            app: certificate(&all.merchant, "App"),
            alipay: certificate(&all.public_key, "Class 2 R1"),
            root: format!("{}\n{}", certificate(&all.stranger, "Root R1"), certificate(&all.stranger, "Root R2")),
        };
        for (name, text) in [("app", &made.app), ("alipay", &made.alipay), ("root", &made.root)] {
            std::fs::write(made.folder.path().join(name), text).expect("a file");
        }
        made
    })
}

/// The lines of an account in certificate mode.
pub fn certificate_lines() -> String {
    let path = |name: &str| certificates().folder.path().join(name).display().to_string();
    format!(
        "app_cert_file = \"{}\"\nalipay_cert_file = \"{}\"\nalipay_root_cert_file = \"{}\"\n",
        path("app"),
        path("alipay"),
        path("root"),
    )
}
