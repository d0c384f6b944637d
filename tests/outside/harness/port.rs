//! A port at which nobody listens, kept from everybody else.

use tokio::net::TcpSocket;

/// A port of the loopback address that is bound and not listened at: whoever calls there is refused, no test beside this one is given it,
/// and a program that is told to listen there can, as long as this is kept.
pub struct HeldPort(TcpSocket);

impl HeldPort {
    /// Any free one.
    pub fn any() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        // What is bound so leaves room for a listener that says the same, as all of them here do.
        socket.set_reuseaddr(true).expect("an option");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        Self(socket)
    }

    /// Its address, `127.0.0.1:…`.
    pub fn address(&self) -> std::net::SocketAddr {
        self.0.local_addr().expect("an address")
    }
}
