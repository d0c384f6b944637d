//! Keys made for this run with the `openssl` command, and RSA as the other side does it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use tempfile::TempDir;

/// A key with a certificate, as files, and ready to be used.
pub struct Identity {
    folder: Arc<TempDir>,
    /// The certificate as PEM.
    pub certificate: String,
    /// The certificate's number in capital hexadecimal digits.
    pub serial: String,
    pair: KeyPair,
}

/// Runs `openssl` in a folder.
pub fn openssl(arguments: &[&str], folder: &Path) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output();
    let output = output.expect("these tests need the openssl command (Debian: openssl)");
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

impl Identity {
    /// Makes `key.pem` (PKCS#8), `cert.pem` and `pub.pem` in a folder of their own.
    fn make(name: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a directory"));
        let subject = format!("/CN={name}");
        let request = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "9",
            "-subj",
        ];
        openssl(&[&request[..], &[subject.as_str()]].concat(), folder.path());
        openssl(&["pkey", "-in", "key.pem", "-pubout", "-out", "pub.pem"], folder.path());
        Self::load(folder, "key.pem", "cert.pem")
    }

    /// Reads what lies in a folder under these names.
    pub fn load(folder: Arc<TempDir>, key: &str, certificate: &str) -> Self {
        let at = folder.path();
        let serial = String::from_utf8(openssl(&["x509", "-in", certificate, "-noout", "-serial"], at)).expect("text");
        let der = openssl(&["pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER"], at);
        Self {
            serial: serial.trim().replace("serial=", ""),
            certificate: std::fs::read_to_string(at.join(certificate)).expect("a file"),
            pair: KeyPair::from_pkcs8(&der).expect("an RSA key"),
            folder,
        }
    }

    /// The path of one of the files.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The certificate's number in decimal digits.
    pub fn number(&self) -> String {
        let script = format!("print(0x{})", self.serial);
        let number = Command::new("python3").args(["-c", &script]).output().expect("these tests need python3");
        String::from_utf8(number.stdout).expect("text").trim().to_owned()
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
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public().as_ref())
            .verify(text, &signature)
            .is_ok()
    }
}

/// Everybody who signs in these tests; keys are slow to make, so a run has one of each.
pub struct Identities {
    /// The shop.
    pub merchant: Identity,
    /// WeChat Pay, known by the name `PUB_KEY_ID_0100`.
    pub public_key: Identity,
    /// WeChat Pay's certificate that the shop configured.
    pub certificate: Identity,
    /// WeChat Pay's next certificate, which nobody configured.
    pub next_certificate: Identity,
    /// Somebody else.
    pub stranger: Identity,
}

impl Identities {
    /// The file that proves the shop's domain to WeChat.
    pub fn proof_file(&self) -> PathBuf {
        let path = self.merchant.file("MP_verify_aB3.txt");
        std::fs::write(&path, "aB3").expect("a file");
        path
    }
}

/// The identities of this run.
pub fn identities() -> &'static Identities {
    static ALL: OnceLock<Identities> = OnceLock::new();
    ALL.get_or_init(|| Identities {
        merchant: Identity::make("Tea Shop"),
        public_key: Identity::make("Pay"),
        certificate: Identity::make("Pay"),
        next_certificate: Identity::make("Pay"),
        stranger: Identity::make("Stranger"),
    })
}
