//! Reading pictures back with a decoder that did not draw them.

/// A decoded picture: its size in pixels, its grey values row by row.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    grey: Vec<u8>,
}

/// Decodes a PNG (or JPEG) file.
#[track_caller]
pub fn read_picture(bytes: &[u8]) -> Picture {
    image::load_from_memory(bytes).expect("a picture that can be decoded").to_luma8().into()
}

impl From<image::GrayImage> for Picture {
    fn from(image: image::GrayImage) -> Self {
        Self { width: image.width() as usize, height: image.height() as usize, grey: image.into_raw() }
    }
}

/// The texts of all QR codes that are found in a picture.
pub fn read_codes(picture: &Picture) -> Vec<String> {
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, |x, y| {
        picture.grey[y * picture.width + x]
    });
    prepared.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}
