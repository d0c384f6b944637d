//! Keys and certificates made for a test by the `openssl` command, which is no part of this program.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// A private key with its certificate, as PEM.
#[derive(Clone)]
pub struct MadeKey {
    /// PKCS#8.
    pub private_key: String,
    /// PKCS#1.
    pub rsa_private_key: String,
    /// The public half alone.
    pub public_key: String,
    /// A certificate that says that it is valid from now for ten days.
    pub certificate: String,
    /// Its number as openssl prints it.
    pub serial: String,
}

fn openssl(arguments: &[&str], folder: &Path) -> String {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl is installed");
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A new RSA key of 2048 bits.
pub fn make_key() -> MadeKey {
    make_key_of("/CN=Tea Shop")
}

/// A new RSA key of 2048 bits whose certificate is in this name.
pub fn make_key_of(subject: &str) -> MadeKey {
    let folder = tempfile::tempdir().expect("a directory");
    let folder = folder.path();
    openssl(
        &[
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "c", "-days", "10", "-subj",
            subject,
        ],
        folder,
    );
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("openssl wrote it");
    MadeKey {
        private_key: read("k"),
        rsa_private_key: openssl(&["rsa", "-in", "k", "-traditional"], folder),
        public_key: openssl(&["pkey", "-in", "k", "-pubout"], folder),
        certificate: read("c"),
        serial: openssl(&["x509", "-in", "c", "-noout", "-serial"], folder).trim().replace("serial=", ""),
    }
}

/// A certificate over this key in this name, made with these further options of `openssl req`.
pub fn certify(key: &MadeKey, subject: &str, more: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a directory");
    std::fs::write(folder.path().join("k"), &key.private_key).expect("a file");
    let new = ["req", "-x509", "-new", "-key", "k", "-out", "c", "-subj", subject];
    openssl(&[&new[..], more].concat(), folder.path());
    std::fs::read(folder.path().join("c")).expect("openssl wrote it")
}

/// A private key that is not RSA.
pub fn make_elliptic_key() -> String {
    let folder = tempfile::tempdir().expect("a directory");
    openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], folder.path())
}

/// A private key that is too short.
pub fn make_short_key() -> String {
    let folder = tempfile::tempdir().expect("a directory");
    openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"], folder.path())
}

/// The merchant's key of this test run.
pub fn merchant_key() -> &'static MadeKey {
    static KEY: OnceLock<MadeKey> = OnceLock::new();
    KEY.get_or_init(make_key)
}

/// The wallet's key of this test run.
pub fn platform_key() -> &'static MadeKey {
    static KEY: OnceLock<MadeKey> = OnceLock::new();
    KEY.get_or_init(make_key)
}

/// A merchant's PFX under the password `canary`, and the root and the middle certificate under which everything in it was issued.
pub struct MadeChain {
    /// PKCS#12.
    pub pfx: Vec<u8>,
    /// PEM.
    pub root: String,
    /// PEM, issued under the root.
    pub middle: String,
    /// The same with SHA-1.
    pub middle_by_sha1: String,
    /// PEM, issued under the middle.
    pub own: String,
}

/// The chain of this test run.
pub fn chain() -> &'static MadeChain {
    static CHAIN: OnceLock<MadeChain> = OnceLock::new();
    CHAIN.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a directory");
        let at = folder.path();
        for (name, issuer) in [("root", None), ("middle", Some("root")), ("own", Some("middle"))] {
            let (key, out, subject) = (format!("{name}.key"), format!("{name}.pem"), format!("/C=CN/CN=1@2@{name}@3"));
            let new = ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-subj", &subject, "-out"];
            let Some(issuer) = issuer else {
                openssl(&[&new[..], &[out.as_str(), "-x509", "-days", "9"]].concat(), at);
                continue;
            };
            openssl(&[&new[..], &["csr"]].concat(), at);
            let (authority, authority_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
            let sign = ["x509", "-req", "-in", "csr", "-CA", &authority, "-CAkey", &authority_key, "-CAcreateserial"];
            openssl(&[&sign[..], &["-days", "9", "-out", &out]].concat(), at);
            openssl(&[&sign[..], &["-days", "9", "-sha1", "-out", &format!("sha1-{out}")]].concat(), at);
        }
        let export = ["pkcs12", "-export", "-inkey", "own.key", "-in", "own.pem", "-certfile", "middle.pem"];
        openssl(&[&export[..], &["-out", "pfx", "-passout", "pass:canary"]].concat(), at);
        let read = |name: &str| std::fs::read_to_string(at.join(name)).expect("openssl wrote it");
        let pfx = std::fs::read(at.join("pfx")).expect("openssl wrote it");
        MadeChain {
            pfx,
            root: read("root.pem"),
            middle: read("middle.pem"),
            middle_by_sha1: read("sha1-middle.pem"),
            own: read("own.pem"),
        }
    })
}
