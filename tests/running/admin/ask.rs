//! Requests as bytes, so that what a proper client would never send can be sent.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::TcpStream;

pub(crate) struct Answer {
    pub(crate) status: u16,
    /// By lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path).await
}

pub(crate) async fn ask(address: SocketAddr, method: &str, path: &str) -> Answer {
    ask_host(address, method, path, "localhost").await
}

pub(crate) async fn ask_host(address: SocketAddr, method: &str, path: &str, host: &str) -> Answer {
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    parse(&talk(&TcpStream::connect(address).await.unwrap(), &request).await)
}

/// Sends the text, and reads until the other side closes.
pub(crate) async fn talk(stream: &TcpStream, text: &str) -> String {
    send(stream, text).await;
    read_to_end(stream).await
}

pub(crate) async fn send(stream: &TcpStream, text: &str) {
    let mut left = text.as_bytes();
    while !left.is_empty() {
        stream.writable().await.unwrap();
        match stream.try_write(left) {
            Ok(sent) => left = &left[sent..],
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
    }
}

pub(crate) async fn read_to_end(stream: &TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        stream.readable().await.unwrap();
        let mut part = [0; 16 * 1024];
        match stream.try_read(&mut part) {
            Ok(0) => return String::from_utf8(bytes).unwrap(),
            Ok(read) => bytes.extend(&part[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // The other side did not read everything before it closed.
            Err(_) => return String::from_utf8(bytes).unwrap(),
        }
    }
}

pub(crate) fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Answer { status, headers, body: body.to_owned() }
}
