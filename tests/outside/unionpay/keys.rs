//! A root, a middle and those who sign under them, made for this run with the `openssl` command.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use tempfile::TempDir;

/// Somebody who signs, with his certificate.
pub struct Signer {
    pub certificate: String,
    /// The certificate's number, decimal.
    pub number: String,
    pair: KeyPair,
}

/// Everybody who signs in these tests.
pub struct Identities {
    folder: TempDir,
    /// The shop.
    pub merchant: Signer,
    /// UnionPay.
    pub unionpay: Signer,
    /// Somebody else with a certificate under the same middle.
    pub other_owner: Signer,
    /// Somebody who calls himself and those above him like UnionPay.
    pub stranger: Signer,
}

fn openssl(arguments: &[&str], folder: &Path) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output();
    let output = output.expect("these tests need the openssl command (Debian: openssl)");
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Makes `name.key` and `name.pem`, issued by `issuer` or by itself.
fn issue(folder: &Path, name: &str, subject: &str, issuer: Option<&str>) {
    let (key, out, csr) = (format!("{name}.key"), format!("{name}.pem"), format!("{name}.csr"));
    let new = ["req", "-utf8", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-subj", subject, "-out"];
    match issuer {
        None => drop(openssl(&[&new[..], &[out.as_str(), "-x509", "-days", "9"]].concat(), folder)),
        Some(issuer) => {
            let (authority, authority_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
            openssl(&[&new[..], &[csr.as_str()]].concat(), folder);
            let sign = ["x509", "-req", "-in", &csr, "-CA", &authority, "-CAkey", &authority_key, "-CAcreateserial"];
            openssl(&[&sign[..], &["-days", "9", "-out", &out]].concat(), folder);
        }
    }
}

impl Signer {
    fn load(folder: &Path, name: &str) -> Self {
        let key = format!("{name}.key");
        let der = openssl(&["pkcs8", "-topk8", "-nocrypt", "-in", &key, "-outform", "DER"], folder);
        let certificate = format!("{name}.pem");
        let serial = openssl(&["x509", "-in", &certificate, "-noout", "-serial"], folder);
        let serial = String::from_utf8(serial).expect("text").trim().replace("serial=", "");
        let number = Command::new("python3").args(["-c", &format!("print(0x{serial})")]).output().expect("python3");
        Self {
            certificate: std::fs::read_to_string(folder.join(certificate)).expect("a file"),
            number: String::from_utf8(number.stdout).expect("text").trim().to_owned(),
            pair: KeyPair::from_pkcs8(&der).expect("an RSA key"),
        }
    }

    /// The signature over a text in base64.
    pub fn sign(&self, text: &[u8]) -> String {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).expect("it signs");
        STANDARD.encode(signature)
    }

    /// Whether a signature in base64 is this key's over this text.
    pub fn signed(&self, text: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public().as_ref());
        key.verify(text, &signature).is_ok()
    }
}

impl Identities {
    /// The path of one of the files.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The identities of this run.
pub fn identities() -> &'static Identities {
    static ALL: OnceLock<Identities> = OnceLock::new();
    ALL.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a directory");
        let at = folder.path();
        let signing = "/C=CN/O=CFCA/CN=041@Z12@中国银联股份有限公司@SIGN00000001";
        issue(at, "root", "/C=CN/O=UnionPay/CN=Root", None);
        issue(at, "middle", "/C=CN/O=UnionPay/CN=Middle", Some("root"));
        issue(at, "unionpay", signing, Some("middle"));
        issue(at, "other_owner", "/C=CN/O=CFCA/CN=041@Z12@Tea Shop@SIGN00000001", Some("middle"));
        issue(at, "merchant", "/C=CN/O=CFCA/CN=041@Z12@Tea Shop@SIGN00000002", Some("middle"));
        issue(at, "false_middle", "/C=CN/O=UnionPay/CN=Middle", None);
        issue(at, "stranger", signing, Some("false_middle"));
        openssl(
            &[
                "pkcs12",
                "-export",
                "-inkey",
                "merchant.key",
                "-in",
                "merchant.pem",
                "-certfile",
                "middle.pem",
                "-out",
                "merchant.pfx",
                "-passout",
                "pass:canary-password",
            ],
            at,
        );
        std::fs::set_permissions(at.join("merchant.pfx"), std::fs::Permissions::from_mode(0o600)).expect("a mode");
        Identities {
            merchant: Signer::load(at, "merchant"),
            unionpay: Signer::load(at, "unionpay"),
            other_owner: Signer::load(at, "other_owner"),
            stranger: Signer::load(at, "stranger"),
            folder,
        }
    })
}
