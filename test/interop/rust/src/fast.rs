//! fastwebsockets, over hyper as its documentation has it.

use crate::{
    choose, note_close, noted, number, parameter, pattern, refusal, Checksum, PIECE, RELEASED,
};
use fastwebsockets::{upgrade, FragmentCollector, Frame, OpCode, Payload, WebSocketError};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

type Socket = FragmentCollector<TokioIo<hyper::upgrade::Upgraded>>;

pub async fn serve(stream: TcpStream) {
    // A connection that is lost ends its task, and nothing else.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .with_upgrades()
        .await;
}

async fn answer(mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, WebSocketError> {
    let field = |name: &str| -> String {
        let value = request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or("").to_string()
    };
    let path = request.uri().path().to_string();
    let query = request.uri().query().map(str::to_string);
    let headers = format!(
        "{} | {} | {}",
        field("x-ringlet"),
        field("authorization"),
        field("cookie")
    );
    let protocol = choose(&field("sec-websocket-protocol"));
    if path == "/refuse" {
        let status = number(query.as_deref(), "status") as u16;
        let mut refused = Response::builder().status(status);
        if let Some((name, value)) = refusal(status) {
            refused = refused.header(name, value);
        }
        return Ok(refused.body(Empty::new()).expect("a response"));
    }
    let (mut response, upgraded) = upgrade::upgrade(&mut request)?;
    if let Some(protocol) = protocol {
        let value = protocol.parse().expect("a value");
        response
            .headers_mut()
            .insert("sec-websocket-protocol", value);
    }
    tokio::spawn(async move {
        if let Ok(mut socket) = upgraded.await {
            socket.set_max_message_size(64 << 20);
            let mut socket = FragmentCollector::new(socket);
            let _ = converse(&mut socket, &path, query.as_deref(), headers).await;
        }
    });
    Ok(response)
}

fn text(text: String) -> Frame<'static> {
    Frame::text(Payload::Owned(text.into_bytes()))
}

async fn converse(
    socket: &mut Socket,
    path: &str,
    query: Option<&str>,
    headers: String,
) -> Result<(), WebSocketError> {
    let no_code = || Frame::close_raw(Payload::Owned(Vec::new()));
    match path {
        "/ping" => {
            let payload = Payload::Borrowed(b"from the server");
            socket
                .write_frame(Frame::new(true, OpCode::Ping, None, payload))
                .await?;
        }
        "/close" => {
            let frame = match parameter(query, "code") {
                Some(code) => {
                    let reason = parameter(query, "reason").unwrap_or_default();
                    Frame::close(code.parse().expect("a code"), reason.as_bytes())
                }
                None => no_code(),
            };
            socket.write_frame(frame).await?;
        }
        "/last-close" => {
            socket.write_frame(text(noted(query))).await?;
        }
        "/headers" => socket.write_frame(text(headers)).await?,
        "/release" => {
            RELEASED.notify_waiters();
            socket.write_frame(no_code()).await?;
        }
        "/hold" => RELEASED.notified().await,
        "/push" => {
            let size = number(query, "size");
            for i in 0..number(query, "count") {
                let payload = Payload::Owned(pattern(i * size, size));
                socket.write_frame(Frame::binary(payload)).await?;
            }
            socket.write_frame(no_code()).await?;
        }
        _ => {}
    }
    let mut sum = Checksum::new();
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Close => {
                let bytes = &frame.payload[..];
                let close = if bytes.len() < 2 {
                    "1005 ".to_string()
                } else {
                    let code = u16::from_be_bytes([bytes[0], bytes[1]]);
                    format!("{} {}", code, String::from_utf8_lossy(&bytes[2..]))
                };
                note_close(query, close);
                return Ok(());
            }
            OpCode::Pong if path == "/ping" => {
                let answer = format!("pong {}", String::from_utf8_lossy(&frame.payload));
                socket.write_frame(text(answer)).await?;
            }
            OpCode::Binary if path == "/hold" => sum.add(&frame.payload),
            OpCode::Text if path == "/hold" => socket.write_frame(text(sum.text())).await?,
            OpCode::Text | OpCode::Binary if path == "/fragments" => {
                let kind = frame.opcode;
                let bytes = frame.payload.to_vec();
                let count = bytes.len().div_ceil(PIECE).max(1);
                for i in 0..count {
                    let piece = bytes[i * PIECE..bytes.len().min((i + 1) * PIECE)].to_vec();
                    let opcode = if i > 0 { OpCode::Continuation } else { kind };
                    let frame = Frame::new(i + 1 == count, opcode, None, Payload::Owned(piece));
                    socket.write_frame(frame).await?;
                }
            }
            OpCode::Text | OpCode::Binary => socket.write_frame(frame).await?,
            _ => {}
        }
    }
}
