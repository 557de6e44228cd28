//! A server for the interop cases: tungstenite (tokio) or fastwebsockets, as the first argument names it.
//! What each path does stands in ../servers.mjs.

mod fast;
mod tungstenite;

use std::sync::Mutex;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// What the connections share.
pub static RELEASED: Notify = Notify::const_new();

/// Names of connections, each with the Close frame that came.
static CLOSES: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// The bytes in each fragment of `/fragments`.
pub const PIECE: usize = 1000;

pub const PROTOCOLS: [&str; 2] = ["v2.ringlet", "v1.ringlet"];

/// Of the server's preferences, the first that the client offers.
pub fn choose(offered: &str) -> Option<&'static str> {
    let names: Vec<&str> = offered.split(',').map(str::trim).collect();
    PROTOCOLS.into_iter().find(|name| names.contains(name))
}

/// A parameter of the query. The cases use nothing that needs decoding.
pub fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .into_iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_string())
}

pub fn number(query: Option<&str>, name: &str) -> usize {
    parameter(query, name)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

pub fn note_close(query: Option<&str>, close: String) {
    if let Some(name) = parameter(query, "name") {
        CLOSES.lock().expect("no panic").push((name, close));
    }
}

pub fn noted(query: Option<&str>) -> String {
    let of = parameter(query, "of");
    let closes = CLOSES.lock().expect("no panic");
    let found = closes.iter().find(|(name, _)| Some(name) == of.as_ref());
    found.map(|(_, close)| close.clone()).unwrap_or_default()
}

/// The field that a refusal carries.
pub fn refusal(status: u16) -> Option<(&'static str, &'static str)> {
    match status {
        401 => Some(("WWW-Authenticate", "Basic realm=\"interop\"")),
        503 => Some(("Retry-After", "7")),
        _ => None,
    }
}

pub fn pattern(offset: usize, size: usize) -> Vec<u8> {
    (offset..offset + size)
        .map(|at| (at * 7 + (at >> 8) * 13 + (at >> 16) * 31) as u8)
        .collect()
}

/// Adler-32 over all bytes so far.
pub struct Checksum {
    length: usize,
    low: u32,
    high: u32,
}

impl Checksum {
    pub fn new() -> Self {
        Checksum {
            length: 0,
            low: 1,
            high: 0,
        }
    }

    pub fn add(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(3800) {
            for byte in piece {
                self.low += u32::from(*byte);
                self.high += self.low;
            }
            self.low %= 65521;
            self.high %= 65521;
        }
        self.length += bytes.len();
    }

    pub fn text(&self) -> String {
        format!(
            "{} bytes, sum {:04x}{:04x}",
            self.length, self.high, self.low
        )
    }
}

#[tokio::main]
async fn main() {
    let library = std::env::args().nth(1).unwrap_or_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listening");
    println!(
        "listening on {}",
        listener.local_addr().expect("address").port()
    );
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        if library == "fastwebsockets" {
            tokio::spawn(fast::serve(stream));
        } else {
            tokio::spawn(tungstenite::serve(stream));
        }
    }
}
