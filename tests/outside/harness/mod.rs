//! What the tests from outside share: the program as a child process, shops and browsers that talk to it, and patience.

mod answer;
mod browser;
mod chance;
mod chromium;
mod database;
mod library;
mod picture;
mod port;
mod receiver;
mod server;
mod shop;
mod stream;
mod surface;
mod wait;

pub use answer::{Answer, path_of};
pub use browser::Browser;
pub use chance::drawn;
pub use chromium::{Chromium, Look};
pub use database::Rows;
pub use library::{ask_node_library, ask_python_library, python_library};
pub use picture::{read_codes, read_picture};
pub use port::HeldPort;
pub use receiver::{Heard, Receiver, take as answer_one};
pub use server::{API_KEY, Server, Settings, finished, program};
pub use shop::{Shop, instant, least_order, seconds_between};
pub use wait::{SOON, now, wait_until};
