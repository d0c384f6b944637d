//! Certificates such as Alipay hands them out, over the keys of this run.

use std::process::Command;
use std::sync::OnceLock;

use md5::{Digest, Md5};
use tempfile::TempDir;

use crate::pretended::keys::{Identity, identities};

/// The number of the certificate that Alipay changes to.
const NEXT_NUMBER: &str = "7700";

/// A certificate over this identity's key with a name such as Alipay's have; `more` are further options.
fn certificate(identity: &Identity, name: &str, more: &[&str]) -> String {
    let subject = format!("/C=CN/O=Ant Financial/OU=Certification Authority/CN={name}");
    let mut command = Command::new("openssl");
    let request = command.args(["req", "-x509", "-new", "-days", "9", "-key"]).arg(identity.file("key.pem"));
    let output = request.args(["-subj", &subject]).args(more).output();
    String::from_utf8(output.expect("openssl").stdout).expect("PEM")
}

/// The merchant's certificate, Alipay's, and its two roots, as PEM.
pub struct Certificates {
    folder: TempDir,
    pub app: String,
    pub alipay: String,
    /// The one that Alipay changes to.
    pub next: String,
    /// What Alipay calls that.
    pub next_name: String,
    pub root: String,
}

/// The certificates of this run.
pub fn certificates() -> &'static Certificates {
    static ALL: OnceLock<Certificates> = OnceLock::new();
    ALL.get_or_init(|| {
        let all = identities();
        let made = Certificates {
            folder: tempfile::tempdir().expect("a directory"),
            app: certificate(&all.merchant, "App", &[]),
            alipay: certificate(&all.public_key, "Class 2 R1", &[]),
            next: certificate(&all.certificate, "Class 2 R1", &["-set_serial", NEXT_NUMBER]),
            next_name: next_name(),
            root: [1, 2].map(|number| certificate(&all.stranger, &format!("Root R{number}"), &[])).join("\n"),
        };
        let both = made.alipay.clone() + &made.next;
        for (name, text) in [("app", &made.app), ("alipay", &made.alipay), ("both", &both), ("root", &made.root)] {
            std::fs::write(made.folder.path().join(name), text).expect("a file");
        }
        made
    })
}

fn next_name() -> String {
    let digest = Md5::digest(format!("CN=Class 2 R1,OU=Certification Authority,O=Ant Financial,C=CN{NEXT_NUMBER}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines of an account in certificate mode.
pub fn certificate_lines() -> String {
    lines("alipay")
}

/// The same with both of Alipay's certificates in one file.
pub fn rotation_lines() -> String {
    lines("both")
}

fn lines(alipay: &str) -> String {
    let path = |name: &str| certificates().folder.path().join(name).display().to_string();
    format!(
        "app_cert_file = \"{}\"\nalipay_cert_file = \"{}\"\nalipay_root_cert_file = \"{}\"\n",
        path("app"),
        path(alipay),
        path("root"),
    )
}
