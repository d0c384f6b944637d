//! The pictures of codes: as PNG and SVG, in the size asked for, and fresh only when they have changed.

use std::sync::{Arc, LazyLock};

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::Fault;
use super::extract::parameters;
use super::visitor::query;
use crate::domain::token::sha256;
use crate::qr::card::{self, CardWords};
use crate::qr::kept_mask::KeptMasks;
use crate::qr::logo::Logo;
use crate::qr::{EdgePx, Mask, QrError, Symbol, png, svg};

/// How a code is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A 1-bit picture.
    Png,
    /// One path.
    Svg,
}

/// A code to be drawn: what it holds and the mask that was chosen for it.
#[derive(Clone, Debug)]
pub struct Code {
    /// The text.
    pub text: String,
    /// The mask; none for a text that is not ours, for which always the same one is chosen when its picture is first drawn.
    pub mask: Option<Mask>,
}

/// The masks of texts that are not ours. They follow from the texts alone, so every installation in one process may share them.
static MASKS_OF_STRANGERS: LazyLock<KeptMasks> = LazyLock::new(KeptMasks::default);

impl Code {
    /// What its mask adds to the name of its pictures.
    fn mask_name(&self) -> String {
        self.mask.map_or_else(|| "chosen".to_owned(), |mask| mask.number().to_string())
    }

    /// Its mask; one that is not known yet is found aside from other requests.
    async fn mask(&self) -> Result<Mask, Fault> {
        if let Some(mask) = self.mask.or_else(|| MASKS_OF_STRANGERS.get(&self.text)) {
            return Ok(mask);
        }
        let text = self.text.clone();
        let chosen = web::block(move || MASKS_OF_STRANGERS.choose(&text)).await;
        chosen.map_err(|error| Fault::Broken(error.to_string()))?.map_err(broken)
    }
}

fn broken(error: QrError) -> Fault {
    Fault::Broken(format!("a code cannot be drawn: {error}"))
}

/// Draws a code as the request asks: `size` (120…2048, default 720), `download=1`.
///
/// # Errors
/// [`Fault::Parameter`] for any other size or value.
pub async fn draw(request: &HttpRequest, code: &Code, format: Format, file_name: &str) -> Result<HttpResponse, Fault> {
    let (edge, download) = asked(request)?;
    let (content_type, extension) = match format {
        Format::Png => ("image/png", "png"),
        Format::Svg => ("image/svg+xml", "svg"),
    };
    let tag = entity_tag(&[extension, &edge.get().to_string(), &code.mask_name(), &code.text]);
    if is_known(request, &tag) {
        return Ok(unchanged(tag));
    }
    let symbol = Symbol::with_mask(&code.text, code.mask().await?).map_err(broken)?;
    let body = match format {
        Format::Png => png::draw(&symbol, edge).map_err(too_small)?,
        Format::Svg => svg::draw(&symbol, edge).map_err(too_small)?.into_bytes(),
    };
    Ok(picture(content_type, download, &format!("{file_name}.{extension}"), tag, body))
}

/// Draws the code of one of our pages, with the merchant's mark in its middle if he has one; `qr.svg` has none.
///
/// # Errors
/// As [`draw`].
pub async fn of_page(
    request: &HttpRequest,
    code: Code,
    format: Format,
    logo: Option<&Arc<Logo>>,
    file_name: &str,
) -> Result<HttpResponse, Fault> {
    match logo.filter(|_| format == Format::Png) {
        None => draw(request, &code, format, file_name).await,
        Some(logo) => with_logo(request, code, logo.clone(), file_name).await,
    }
}

/// Drawn aside from other requests: it takes some milliseconds. Where decoders do not read the code with the mark, it stays away.
async fn with_logo(request: &HttpRequest, code: Code, logo: Arc<Logo>, name: &str) -> Result<HttpResponse, Fault> {
    let (edge, download) = asked(request)?;
    let mark = logo.fingerprint().to_string();
    let tag = entity_tag(&["png", &mark, &edge.get().to_string(), &code.mask_name(), &code.text]);
    if is_known(request, &tag) {
        return Ok(unchanged(tag));
    }
    let mask = code.mask().await?;
    let drawn = web::block(move || match logo.symbol(&code.text, mask)? {
        Some(symbol) => logo.draw(&symbol, edge),
        None => png::draw(&Symbol::with_mask(&code.text, mask)?, edge),
    });
    let body = drawn.await.map_err(|error| Fault::Broken(error.to_string()))?.map_err(too_small)?;
    Ok(picture("image/png", download, &format!("{name}.png"), tag, body))
}

/// The size that a request asks for, and whether it wants to keep the file.
fn asked(request: &HttpRequest) -> Result<(EdgePx, bool), Fault> {
    let given = parameters(request, &["size", "download", "locale"])?;
    let value = |name: &str| given.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    Ok((value("size").map_or(Ok(EdgePx::DEFAULT), size)?, is_download(value("download"))?))
}

/// Draws an album card as the request asks: `download=1`. It takes some milliseconds, so it is drawn aside from other requests.
///
/// # Errors
/// [`Fault::Parameter`] for any other value, [`Fault::Broken`] for a text that no code can hold.
pub async fn card(
    request: &HttpRequest,
    code: Code,
    words: CardWords,
    logo: Option<&Arc<Logo>>,
    file_name: &str,
) -> Result<HttpResponse, Fault> {
    let download = is_download(query(request, "download").as_deref())?;
    let mark = logo.map_or_else(String::new, |logo| logo.fingerprint().to_string());
    let tag = entity_tag(&["card", &mark, &code.mask_name(), &code.text, &format!("{words:?}")]);
    if is_known(request, &tag) {
        return Ok(unchanged(tag));
    }
    let logo = logo.cloned();
    let mask = code.mask().await?;
    let drawn = web::block(move || {
        if let Some(logo) = logo
            && let Some(symbol) = logo.symbol(&code.text, mask)?
        {
            return Ok(card::draw_with_logo(&symbol, &words, &logo));
        }
        Ok(card::draw(&Symbol::with_mask(&code.text, mask)?, &words))
    });
    let body = drawn.await.map_err(|error| Fault::Broken(error.to_string()))?.map_err(broken)?;
    Ok(picture("image/png", download, &format!("{file_name}.png"), tag, body))
}

fn is_download(value: Option<&str>) -> Result<bool, Fault> {
    match value {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(Fault::Parameter("download must be 0 or 1".to_owned())),
    }
}

fn is_known(request: &HttpRequest, tag: &str) -> bool {
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|tags| tags.split(',').any(|candidate| candidate.trim().trim_start_matches("W/") == tag))
}

fn unchanged(tag: String) -> HttpResponse {
    HttpResponse::NotModified().insert_header((header::ETAG, tag)).insert_header(FRESHNESS).finish()
}

fn picture(content_type: &'static str, download: bool, file_name: &str, tag: String, body: Vec<u8>) -> HttpResponse {
    let disposition = if download { "attachment" } else { "inline" };
    let disposition = format!("{disposition}; filename=\"{file_name}\"");
    let mut response = HttpResponse::Ok();
    response.content_type(content_type).insert_header((header::ETAG, tag)).insert_header(FRESHNESS);
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        response.insert_header((header::CONTENT_DISPOSITION, disposition));
    }
    response.body(body)
}

/// A browser may keep the picture but asks each time: the address is a permission that can end.
const FRESHNESS: (header::HeaderName, &str) = (header::CACHE_CONTROL, "private, no-cache");

fn size(text: &str) -> Result<EdgePx, Fault> {
    let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let edge = text.parse().ok().filter(|_| digits).and_then(|edge_px| EdgePx::new(edge_px).ok());
    edge.ok_or_else(|| Fault::Parameter(format!("size must be an integer from {} to {}", EdgePx::MIN, EdgePx::MAX)))
}

fn too_small(error: QrError) -> Fault {
    Fault::Parameter(format!("size: {error}"))
}

/// A name of everything that a picture shows.
fn entity_tag(parts: &[&str]) -> String {
    let hash = sha256(parts.join("\n").as_bytes());
    let hex: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    /// Long enough that no other test draws it.
    const STRANGER: &str = "https://qr.alipay.com/bax0123456789abcdefghijklmnopqrstuvwx";

    #[actix_web::test]
    async fn a_strangers_code_is_unchanged_before_its_mask_is_looked_for_and_the_mask_is_looked_for_once() {
        let code = Code { text: STRANGER.to_owned(), mask: None };
        let tag = entity_tag(&["png", &EdgePx::DEFAULT.get().to_string(), "chosen", STRANGER]);
        let known = TestRequest::default().insert_header((header::IF_NONE_MATCH, tag.clone())).to_http_request();
        let unchanged = draw(&known, &code, Format::Png, "pay").await.unwrap();
        assert_eq!((unchanged.status().as_u16(), MASKS_OF_STRANGERS.get(STRANGER)), (304, None));

        let drawn = draw(&TestRequest::default().to_http_request(), &code, Format::Png, "pay").await.unwrap();
        assert_eq!(drawn.headers().get(header::ETAG).unwrap(), tag.as_str());
        let chosen = crate::qr::evidence::choose(STRANGER).unwrap();
        assert_eq!(MASKS_OF_STRANGERS.get(STRANGER), Some(chosen.mask()), "the next picture is drawn without a choice");
        let body = actix_web::body::to_bytes(drawn.into_body()).await.unwrap();
        assert_eq!(body, png::draw(&chosen, EdgePx::DEFAULT).unwrap());
    }
}
