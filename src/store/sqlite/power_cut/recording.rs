//! What a store did to its files, read from strace's words, and the files as a disk could hold them afterwards.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;

/// One thing that was done, in the order in which it was done.
enum Deed {
    Written {
        file: String,
        at: usize,
        bytes: Vec<u8>,
    },
    CutTo {
        file: String,
        length: usize,
    },
    Removed {
        file: String,
    },
    /// Everything done to the file before has reached the disk.
    Waited {
        file: String,
    },
    Acknowledged(usize),
}

/// What becomes of writes that nobody waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// All are there: what a killed process leaves.
    Kept,
    /// None is there.
    Dropped,
    /// Each is there or not, by chance.
    Some,
    /// Each of their sectors is there or not, by chance: a write can be cut in its middle.
    Torn,
}

/// How much a disk writes whole or not at all, in bytes.
const SECTOR: usize = 512;

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 4] = [Self::Kept, Self::Dropped, Self::Some, Self::Torn];
}

/// Repeatable chance (xorshift).
pub(super) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below this one.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % end
    }
}

/// Everything that was done.
pub(super) struct Recording(Vec<Deed>);

impl fmt::Display for Recording {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |counts: fn(&Deed) -> bool| self.0.iter().filter(|deed| counts(deed)).count();
        let written = count(|deed| matches!(deed, Deed::Written { .. }));
        let waited = count(|deed| matches!(deed, Deed::Waited { .. }));
        let acknowledged = count(|deed| matches!(deed, Deed::Acknowledged(_)));
        write!(formatter, "{written} writes, {waited} waits for the disk, {acknowledged} acknowledgements")
    }
}

impl Recording {
    /// Reads strace's words. A call that another thread's call interrupts is told in two lines: what writes counts from the first on,
    /// a wait for the disk from the second.
    pub fn read(trace: &str) -> Self {
        let mut deeds = Vec::new();
        let mut waiting: HashMap<&str, String> = HashMap::new();
        for line in trace.lines() {
            let (thread, call) = line.split_once(' ').unwrap();
            let call = call.trim_start();
            if let Some(rest) = call.strip_prefix("<... ") {
                if rest.contains("sync resumed>") && rest.ends_with("= 0") {
                    deeds.extend(waiting.remove(thread).map(|file| Deed::Waited { file }));
                }
                continue;
            }
            let Some((name, arguments)) = call.split_once('(') else { continue };
            if name == "unlink" {
                deeds.push(Deed::Removed { file: path_name(arguments.split('"').nth(1).unwrap()) });
                continue;
            }
            let file = arguments.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(path, _)| path);
            let Some(file) = file.map(path_name) else { continue };
            match name {
                "write" if file == "acknowledged" => {
                    let text = String::from_utf8(written(arguments)).unwrap();
                    deeds.push(Deed::Acknowledged(text.trim().parse().unwrap()));
                }
                "pwrite64" => {
                    let bytes = written(arguments);
                    let numbers = arguments.rsplit_once('"').unwrap().1.trim_start_matches("...");
                    let numbers: Vec<usize> = numbers_in(numbers);
                    assert_eq!(numbers[0], bytes.len(), "strace cut a write short");
                    deeds.push(Deed::Written { file, at: numbers[1], bytes });
                }
                "ftruncate" => {
                    let length = numbers_in(arguments.split_once('>').unwrap().1)[0];
                    deeds.push(Deed::CutTo { file, length });
                }
                "fsync" | "fdatasync" if arguments.contains("unfinished") => {
                    waiting.insert(thread, file);
                }
                "fsync" | "fdatasync" if arguments.ends_with("= 0") => deeds.push(Deed::Waited { file }),
                _ => {}
            }
        }
        Self(deeds)
    }

    /// How many things were done.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// What had been acknowledged by a moment.
    pub fn acknowledged(&self, moment: usize) -> HashSet<usize> {
        let done = self.0.iter().take(moment);
        done.filter_map(|deed| if let Deed::Acknowledged(number) = deed { Some(*number) } else { None }).collect()
    }

    /// Writes the files into a folder as the disk may hold them when the power goes at this moment.
    pub fn rebuild(&self, moment: usize, fate: Fate, chance: &mut Chance, folder: &Path) {
        let mut durable: HashMap<&str, usize> = HashMap::new();
        let mut folder_durable = 0;
        for (number, deed) in self.0.iter().take(moment).enumerate() {
            if let Deed::Waited { file } = deed {
                durable.insert(file, number);
                folder_durable = number;
            }
        }
        let mut files: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
        for (number, deed) in self.0.iter().take(moment).enumerate() {
            let is_durable = match deed {
                Deed::Written { file, .. } | Deed::CutTo { file, .. } => {
                    durable.get(file.as_str()).is_some_and(|waited| number < *waited)
                }
                Deed::Removed { .. } => number < folder_durable,
                Deed::Waited { .. } | Deed::Acknowledged(_) => continue,
            };
            let is_there =
                |chance: &mut Chance| is_durable || fate == Fate::Kept || fate != Fate::Dropped && chance.below(2) == 0;
            let in_pieces = fate == Fate::Torn && !is_durable;
            match deed {
                Deed::Written { file, at, bytes } if in_pieces => {
                    let content = files.entry(file).or_default();
                    for (start, piece) in sectors(*at, bytes) {
                        if is_there(chance) {
                            put(content, start, piece);
                        }
                    }
                }
                Deed::Written { file, at, bytes } if is_there(chance) => {
                    put(files.entry(file).or_default(), *at, bytes)
                }
                Deed::CutTo { file, length } if is_there(chance) => files.entry(file).or_default().resize(*length, 0),
                Deed::Removed { file } if is_there(chance) => {
                    files.remove(file.as_str());
                }
                _ => {}
            }
        }
        for (file, content) in files {
            fs::write(folder.join(file), content).unwrap();
        }
    }
}

/// The parts of a write that lie in different sectors, each with its place in the file.
fn sectors(at: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let first = (SECTOR - at % SECTOR).min(bytes.len());
    let (head, rest) = bytes.split_at(first);
    let rest = rest.chunks(SECTOR).enumerate().map(move |(number, piece)| (at + first + number * SECTOR, piece));
    std::iter::once((at, head)).chain(rest)
}

fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    content.resize(content.len().max(end), 0);
    content[at..end].copy_from_slice(bytes);
}

fn path_name(path: &str) -> String {
    // Printed with -xx, paths are hexadecimal too.
    let path = if path.contains("\\x") { String::from_utf8(hexadecimal(path)).unwrap() } else { path.to_owned() };
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

fn written(arguments: &str) -> Vec<u8> {
    let (_, rest) = arguments.split_once('"').unwrap();
    hexadecimal(rest.split_once('"').unwrap().0)
}

fn hexadecimal(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect()
}

fn numbers_in(text: &str) -> Vec<usize> {
    let before_result = text.split(") ").next().unwrap().split(" <unfinished").next().unwrap();
    let parts = before_result.split(',').map(|part| part.trim().trim_end_matches(')'));
    parts.filter(|part| !part.is_empty()).map(|part| part.parse().unwrap()).collect()
}
