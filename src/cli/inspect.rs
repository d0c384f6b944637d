//! `pay-handoff inspect`: decodes the codes in pictures and explains what they are and where they can be scanned.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use url::Url;

use super::emvco_fields;
use crate::domain::locale::Locale;
use crate::qr::kind::Kind;
use crate::qr::read::{Code, MAX_FILE_BYTES, ReadError, Reading, read};
use crate::qr::scanning::{Advice, Scanner, Verdict};

/// Which pictures, and what is needed to explain them.
#[derive(Args, Clone, Debug)]
pub struct InspectArgs {
    /// PNG or JPEG pictures, at most 30 MB and 40 megapixels each
    #[arg(required = true, value_name = "IMAGE")]
    pub images: Vec<PathBuf>,
    /// The address under which your pay pages stand: with it, your own codes are known as such
    #[arg(long, env = "PAY_HANDOFF_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,
    /// The language of the explanation, zh-CN or en [default: by LC_ALL and LANG]
    #[arg(long)]
    pub locale: Option<Locale>,
}

/// Why the inspection is not complete.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// Some pictures could not be read or hold no readable code; each has been named in the output.
    #[error("{failed} of {all} pictures could not be read or hold no readable code")]
    Incomplete {
        /// How many failed.
        failed: usize,
        /// How many there were.
        all: usize,
    },
    /// Standard output took nothing.
    #[error("cannot write: {0}")]
    Unwritten(#[from] std::io::Error),
}

impl InspectError {
    /// The program's exit code: always 1, wrong usage is refused before.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        1
    }
}

/// Explains every code in every picture on standard output, and goes on after a picture that cannot be read.
///
/// # Errors
/// [`InspectError`].
pub fn run(args: &InspectArgs) -> Result<(), InspectError> {
    let environment = || std::env::var("LC_ALL").or_else(|_| std::env::var("LANG")).unwrap_or_default();
    let locale = args.locale.unwrap_or_else(|| if environment().starts_with("zh") { Locale::ZhCn } else { Locale::En });
    run_to(args, locale, &mut std::io::stdout().lock())
}

/// The same in a given language and with another place for standard output.
///
/// # Errors
/// As [`run`].
pub fn run_to(args: &InspectArgs, locale: Locale, stdout: &mut impl Write) -> Result<(), InspectError> {
    let mut failed = 0;
    for path in &args.images {
        let reading = inspect(path);
        if !matches!(&reading, Ok(reading) if !reading.codes.is_empty()) {
            failed += 1;
        }
        let explanation = match reading {
            Ok(reading) => explain(&reading, args.public_url.as_ref(), locale),
            Err(cause) => format!("  {}\n", cause.in_words(locale)),
        };
        write!(stdout, "{}\n{explanation}", printable(&path.to_string_lossy()))?;
    }
    stdout.flush()?;
    if failed > 0 { Err(InspectError::Incomplete { failed, all: args.images.len() }) } else { Ok(()) }
}

/// Why one picture could not be looked at.
enum Unseen {
    File(std::io::Error),
    Picture(ReadError),
}

impl Unseen {
    fn in_words(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::File(cause), Locale::ZhCn) => format!("无法打开文件:{cause}"),
            (Self::File(cause), Locale::En) => format!("cannot be opened: {cause}"),
            (Self::Picture(cause), Locale::En) => cause.to_string(),
            (Self::Picture(ReadError::FileTooLarge), Locale::ZhCn) => "文件超过 30 MB".to_owned(),
            (Self::Picture(ReadError::PictureTooLarge), Locale::ZhCn) => "图片超过 4000 万像素".to_owned(),
            (Self::Picture(ReadError::UnknownFormat), Locale::ZhCn) => "既不是 PNG 也不是 JPEG 图片".to_owned(),
            (Self::Picture(ReadError::Damaged(cause)), Locale::ZhCn) => format!("图片已损坏:{}", printable(cause)),
        }
    }
}

/// Reads at most one byte more than is allowed, so that an endless file ends.
fn inspect(path: &Path) -> Result<Reading, Unseen> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(Unseen::File)?;
    read(&bytes).map_err(Unseen::Picture)
}

fn explain(reading: &Reading, public_url: Option<&Url>, locale: Locale) -> String {
    let mut words: String = reading.codes.iter().map(|code| explain_code(code, public_url, locale)).collect();
    let notes = [
        (reading.codes.is_empty() && reading.unreadable == 0, "没有找到二维码", "no code was found"),
        (
            reading.unreadable > 0,
            "有一处像二维码,但无法解码:可能残缺、模糊或被遮挡",
            "something looks like a code but cannot be decoded: cut off, blurred or covered",
        ),
        (
            reading.is_unfinished,
            "图片里像二维码的方块太多,没有全部查看:请裁剪后再试",
            "too much in it looks like parts of codes, and not all was looked at: cut out what matters and try again",
        ),
    ];
    for (_, zh_cn, en) in notes.into_iter().filter(|(holds, ..)| *holds) {
        // Writing to a String cannot fail.
        let _ = writeln!(words, "  {}", if locale == Locale::ZhCn { zh_cn } else { en });
    }
    words
}

fn explain_code(code: &Code, public_url: Option<&Url>, locale: Locale) -> String {
    let text = code.text().map_or_else(|| code.bytes.escape_ascii().to_string(), printable);
    let kind = code.text().map_or(Kind::Text, |text| Kind::of(text, public_url));
    let (content, version, level) = (kind_name(kind, locale), code.version, code.level);
    let mut words = match locale {
        Locale::ZhCn => format!("  内容:{text}\n  类型:{content}\n  规格:版本 {version},纠错级别 {level:?}\n"),
        Locale::En => format!("  text: {text}\n  kind: {content}\n  symbol: version {version}, level {level:?}\n"),
    };
    words.extend(
        code.text().filter(|_| matches!(kind, Kind::Emvco { .. })).map(|text| emvco_fields::explain(text, locale)),
    );
    for advice in kind.advice() {
        // Writing to a String cannot fail.
        let _ = writeln!(words, "  {}", explain_advice(advice, locale));
    }
    words
}

fn explain_advice(advice: &Advice, locale: Locale) -> String {
    let (camera, album) = (verdict_name(advice.camera, locale), verdict_name(advice.album, locale));
    let scanner = scanner_name(advice.scanner, locale);
    match locale {
        Locale::ZhCn => format!("{scanner}:摄像头{camera},相册{album}。{}", advice.why.zh_cn),
        Locale::En => format!("{scanner}: camera {camera}, album {album}. {}", advice.why.en),
    }
}

const fn kind_name(kind: Kind, locale: Locale) -> &'static str {
    match (kind, locale) {
        (Kind::OurOrder, Locale::ZhCn) => "本站订单的长效码",
        (Kind::OurOrder, Locale::En) => "our lasting code of an order",
        (Kind::OurFriendLink, Locale::ZhCn) => "本站的朋友代付链接",
        (Kind::OurFriendLink, Locale::En) => "our friend-pay link",
        (Kind::WechatNative, Locale::ZhCn) => "微信 Native 支付码",
        (Kind::WechatNative, Locale::En) => "WeChat Pay Native code",
        (Kind::Alipay, Locale::ZhCn) => "支付宝二维码",
        (Kind::Alipay, Locale::En) => "Alipay code",
        (Kind::Unionpay, Locale::ZhCn) => "银联二维码",
        (Kind::Unionpay, Locale::En) => "UnionPay code",
        (Kind::Emvco { intact: true }, Locale::ZhCn) => "EMVCo 商户展示码",
        (Kind::Emvco { intact: true }, Locale::En) => "EMVCo merchant-presented text",
        (Kind::Emvco { intact: false }, Locale::ZhCn) => "已损坏的 EMVCo 商户展示码",
        (Kind::Emvco { intact: false }, Locale::En) => "damaged EMVCo merchant-presented text",
        (Kind::Web, Locale::ZhCn) => "网页地址",
        (Kind::Web, Locale::En) => "web address",
        (Kind::Text, Locale::ZhCn) => "普通文字",
        (Kind::Text, Locale::En) => "plain text",
    }
}

const fn scanner_name(scanner: Scanner, locale: Locale) -> &'static str {
    match (scanner, locale) {
        (Scanner::Wechat, Locale::ZhCn) => "微信",
        (Scanner::Wechat, Locale::En) => "WeChat",
        (Scanner::Alipay, Locale::ZhCn) => "支付宝",
        (Scanner::Alipay, Locale::En) => "Alipay",
        (Scanner::Unionpay, Locale::ZhCn) => "云闪付",
        (Scanner::Unionpay, Locale::En) => "QuickPass",
        (Scanner::PhoneCamera, Locale::ZhCn) => "手机相机",
        (Scanner::PhoneCamera, Locale::En) => "Phone camera",
        (Scanner::AnyApp, Locale::ZhCn) => "各种应用",
        (Scanner::AnyApp, Locale::En) => "Any app",
    }
}

const fn verdict_name(verdict: Verdict, locale: Locale) -> &'static str {
    match (verdict, locale) {
        (Verdict::Works, Locale::ZhCn) => "可以",
        (Verdict::Works, Locale::En) => "works",
        (Verdict::Likely, Locale::ZhCn) => "多半可以",
        (Verdict::Likely, Locale::En) => "likely works",
        (Verdict::Refused, Locale::ZhCn) => "不可以",
        (Verdict::Refused, Locale::En) => "refused",
        (Verdict::Unknown, Locale::ZhCn) => "未知",
        (Verdict::Unknown, Locale::En) => "unknown",
    }
}

/// What a stranger's code or file name holds is shown without letting it steer the terminal or turn the reading direction.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let turns = matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
        if character.is_control() || turns {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}
