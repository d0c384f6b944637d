//! What an operator can set: read from files, checked as a whole, faults reported all at once.

pub mod handoff_file;
