//! The program: parse the command line, run it, return an exit code.

fn main() {}
