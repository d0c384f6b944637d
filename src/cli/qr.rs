//! `pay-handoff qr`: draws a text as a QR code, into a file, to standard output or on the terminal.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::qr::{EdgePx, QrError, Symbol, png, svg, terminal, verify};

/// What to draw and where to.
#[derive(Args, Clone, Debug)]
pub struct QrArgs {
    /// The text of the code, usually an address
    pub text: String,
    /// The file to write; its ending, .png or .svg, chooses the format. "-" is standard output
    #[arg(short, long, value_name = "FILE", required_unless_present = "terminal")]
    pub output: Option<PathBuf>,
    /// The format, when the file's name does not say it (standard output: png)
    #[arg(long, requires = "output")]
    pub format: Option<PictureFormat>,
    /// The longest edge in pixels, 120 to 2048; the picture is the largest with whole pixels per module
    #[arg(long, value_name = "PIXELS", default_value_t = EdgePx::DEFAULT.get(), value_parser = clap::value_parser!(u32).range(120..=2048))]
    pub size: u32,
    /// Draw the code on the terminal
    #[arg(long)]
    pub terminal: bool,
}

/// The format of a picture file.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// One bit a pixel, no transparency
    Png,
    /// One path, any size
    Svg,
}

/// Why no picture came out.
#[derive(Debug, thiserror::Error)]
pub enum QrCommandError {
    /// The file's name does not say what to write.
    #[error("{} ends neither in .png nor in .svg; say --format png or --format svg", .0.display())]
    UnknownFormat(PathBuf),
    /// The text cannot be drawn.
    #[error(transparent)]
    Undrawable(#[from] QrError),
    /// The symbol was drawn but our own decoder does not read it back.
    #[error("the drawn code does not read back as the text; nothing was written")]
    Unreadable,
    /// The file or standard output took nothing.
    #[error("cannot write {}: {cause}", .target.display())]
    Unwritten {
        /// Where to.
        target: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
}

impl QrCommandError {
    /// The program's exit code: 2 for wrong usage, 1 for everything else.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::UnknownFormat(_) => 2,
            Self::Undrawable(_) | Self::Unreadable | Self::Unwritten { .. } => 1,
        }
    }
}

/// Draws the code; what goes to standard output is the picture alone.
///
/// # Errors
/// [`QrCommandError`]; nothing is written unless the code reads back.
pub fn run(args: &QrArgs) -> Result<(), QrCommandError> {
    run_to(args, &mut std::io::stdout().lock())
}

/// The same with another place for standard output.
///
/// # Errors
/// As [`run`].
pub fn run_to(args: &QrArgs, stdout: &mut impl Write) -> Result<(), QrCommandError> {
    let target = |path| format(path, args.format).map(|format| (path, format));
    let output = args.output.as_deref().map(target).transpose()?;
    let edge = EdgePx::new(args.size)?;
    let symbol = Symbol::encode(&args.text)?;
    if !verify::reads_as(&symbol, &args.text) {
        return Err(QrCommandError::Unreadable);
    }
    if let Some((path, format)) = output {
        let picture = match format {
            PictureFormat::Png => png::draw(&symbol, edge)?,
            PictureFormat::Svg => svg::draw(&symbol, edge)?.into_bytes(),
        };
        if path == Path::new("-") { stdout.write_all(&picture) } else { std::fs::write(path, picture) }
            .map_err(|cause| QrCommandError::Unwritten { target: path.to_owned(), cause })?;
    }
    if args.terminal {
        stdout.write_all(terminal::draw(&symbol).as_bytes()).map_err(unwritten)?;
    }
    stdout.flush().map_err(unwritten)
}

fn unwritten(cause: std::io::Error) -> QrCommandError {
    QrCommandError::Unwritten { target: PathBuf::from("-"), cause }
}

fn format(path: &Path, asked: Option<PictureFormat>) -> Result<PictureFormat, QrCommandError> {
    let ending = path.extension().unwrap_or_default();
    match asked {
        Some(format) => Ok(format),
        None if path == Path::new("-") || ending.eq_ignore_ascii_case("png") => Ok(PictureFormat::Png),
        None if ending.eq_ignore_ascii_case("svg") => Ok(PictureFormat::Svg),
        None => Err(QrCommandError::UnknownFormat(path.to_owned())),
    }
}
