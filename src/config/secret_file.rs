//! Files that hold one secret text: private to their owner, and made whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::ports::entropy::Entropy;

/// More than any key in text form; what is longer is some other file.
const LONGEST_TEXT: u64 = 4096;
/// More than a key with its chain of certificates.
const LONGEST_BYTES: u64 = 64 * 1024;

/// The text of a secret file without white space around it; `None` when there is no such file.
///
/// # Errors
/// The rule that the file breaks, without its content.
pub(super) fn read(path: &Path) -> Result<Option<String>, String> {
    let Some(bytes) = read_at_most(path, LONGEST_TEXT)? else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|_| format!("{} is not a text", path.display()))?;
    Ok(Some(text.trim().to_owned()))
}

/// The bytes of a secret file; `None` when there is no such file.
///
/// # Errors
/// The rule that the file breaks, without its content.
pub(super) fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>, String> {
    read_at_most(path, LONGEST_BYTES)
}

fn read_at_most(path: &Path, longest: u64) -> Result<Option<Vec<u8>>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, &error)),
    };
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(format!("{} is not a plain file", path.display()));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        let path = path.display();
        return Err(format!("{path} can be opened by others than its owner; run: chmod 600 {path}"));
    }
    let mut bytes = Vec::new();
    match file.take(longest + 1).read_to_end(&mut bytes) {
        Ok(length) if length as u64 <= longest => Ok(Some(bytes)),
        Ok(_) => Err(format!("{} is too long to be a key", path.display())),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// Makes a secret file with this text, mode 0600, on disk before it returns. When another process made it first, that one
/// stays, and its text is the answer: all who start at the same time agree.
///
/// # Errors
/// What the system refused.
pub(super) fn make(path: &Path, text: &str, entropy: &(dyn Entropy + 'static)) -> Result<String, String> {
    let written = write_whole(path, text, entropy);
    written.map_err(|error| format!("{} cannot be made: {error}", path.display()))?;
    read(path)?.ok_or_else(|| format!("{} was taken away while it was made", path.display()))
}

/// Makes a directory, and those above it, for its owner alone; one that exists stays as it is.
///
/// # Errors
/// What the system refused.
pub(super) fn make_directory(path: &Path) -> Result<(), String> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| format!("{} cannot be made: {error}", path.display()))
}

/// The text goes to a file of another name first, and then gets its name by a link, which, unlike renaming, never replaces a
/// file: neither a power cut nor a second process can leave half a key or two keys.
fn write_whole(path: &Path, text: &str, entropy: &(dyn Entropy + 'static)) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let draft = folder.join(format!(".{}.draft", entropy.alphanumeric(16)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written =
        writeln!(file, "{text}").and_then(|()| file.sync_all()).and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
    let removed = fs::remove_file(&draft);
    written.and(removed)?;
    File::open(folder)?.sync_all()
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemEntropy;

    fn entropy() -> SystemEntropy {
        SystemEntropy
    }

    #[test]
    fn a_made_secret_is_private_alone_in_its_folder_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er");
        make_directory(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let key = path.join("key");
        assert_eq!(read(&key), Ok(None));
        assert_eq!(make(&key, "word", &entropy()), Ok("word".to_owned()));
        assert_eq!(read(&key), Ok(Some("word".to_owned())));
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1, "a draft was left behind");
    }

    #[test]
    fn all_who_make_the_same_secret_at_once_agree_on_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let path = &path;
        let answers: Vec<String> = std::thread::scope(|scope| {
            let makers: Vec<_> =
                (0..8).map(|maker| scope.spawn(move || make(path, &format!("word{maker}"), &entropy()))).collect();
            makers.into_iter().map(|maker| maker.join().unwrap().unwrap()).collect()
        });
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }

    #[test]
    fn a_file_that_others_can_open_is_refused_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        make(&path, "canary", &entropy()).unwrap();
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refusal = read(&path).unwrap_err();
            assert!(refusal.contains("chmod 600") && !refusal.contains("canary"), "{refusal}");
        }
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap_err().contains("not a plain file"));
        let path = folder.path().join("long");
        make(&path, &"x".repeat(4095), &entropy()).unwrap();
        assert!(read(&path).is_ok());
        let path = folder.path().join("longer");
        assert!(make(&path, &"x".repeat(4096), &entropy()).unwrap_err().contains("too long"));
        assert!(make(&folder.path().join("no/folder"), "x", &entropy()).unwrap_err().contains("cannot be made"));
    }
}
