//! tokio-tungstenite.

use crate::{
    choose, note_close, noted, number, parameter, pattern, refusal, Checksum, PIECE, RELEASED,
};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::accept_hdr_async_with_config;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::WebSocketStream;

type Socket = WebSocketStream<TcpStream>;

/// What the handshake leaves behind.
#[derive(Default)]
struct Asked {
    path: String,
    query: Option<String>,
    headers: String,
}

pub async fn serve(stream: TcpStream) {
    let mut asked = Asked::default();
    #[allow(clippy::result_large_err)]
    let accept = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
        let field = |name: &str| -> String {
            let value = request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.unwrap_or("").to_string()
        };
        asked.path = request.uri().path().to_string();
        asked.query = request.uri().query().map(str::to_string);
        asked.headers = format!(
            "{} | {} | {}",
            field("x-ringlet"),
            field("authorization"),
            field("cookie")
        );
        if asked.path == "/refuse" {
            let status = number(asked.query.as_deref(), "status") as u16;
            let mut refused = ErrorResponse::new(Some("refused".to_string()));
            *refused.status_mut() = status.try_into().expect("a status");
            if let Some((name, value)) = refusal(status) {
                refused
                    .headers_mut()
                    .insert(name, value.parse().expect("a value"));
            }
            return Err(refused);
        }
        if let Some(protocol) = choose(&field("sec-websocket-protocol")) {
            let value = protocol.parse().expect("a value");
            response
                .headers_mut()
                .insert("sec-websocket-protocol", value);
        }
        Ok(response)
    };
    let config = WebSocketConfig::default().max_frame_size(Some(64 << 20));
    if let Ok(mut socket) = accept_hdr_async_with_config(stream, accept, Some(config)).await {
        // A connection that is lost ends its task, and nothing else.
        let _ = converse(&mut socket, &asked).await;
    }
}

async fn converse(socket: &mut Socket, asked: &Asked) -> Result<(), Error> {
    let query = asked.query.as_deref();
    match asked.path.as_str() {
        "/ping" => socket.send(Message::Ping("from the server".into())).await?,
        "/close" => {
            let frame = parameter(query, "code").map(|code| CloseFrame {
                code: code.parse::<u16>().expect("a code").into(),
                reason: parameter(query, "reason").unwrap_or_default().into(),
            });
            socket.close(frame).await?;
        }
        "/last-close" => {
            socket.send(Message::text(noted(query))).await?;
        }
        "/headers" => socket.send(Message::text(asked.headers.clone())).await?,
        "/release" => {
            RELEASED.notify_waiters();
            socket.close(None).await?;
        }
        "/hold" => RELEASED.notified().await,
        "/push" => {
            let size = number(query, "size");
            for i in 0..number(query, "count") {
                socket
                    .send(Message::binary(pattern(i * size, size)))
                    .await?;
            }
            socket.close(None).await?;
        }
        _ => {}
    }
    let mut sum = Checksum::new();
    while let Some(message) = socket.next().await {
        match message? {
            Message::Close(frame) => {
                let close = match frame {
                    Some(frame) => format!("{} {}", u16::from(frame.code), frame.reason),
                    None => "1005 ".to_string(),
                };
                note_close(query, close);
            }
            Message::Pong(bytes) if asked.path == "/ping" => {
                let text = format!("pong {}", String::from_utf8_lossy(&bytes));
                socket.send(Message::text(text)).await?;
            }
            Message::Binary(bytes) if asked.path == "/hold" => sum.add(&bytes),
            Message::Text(_) if asked.path == "/hold" => {
                socket.send(Message::text(sum.text())).await?
            }
            message @ (Message::Text(_) | Message::Binary(_)) if asked.path == "/fragments" => {
                let kind = if message.is_text() {
                    Data::Text
                } else {
                    Data::Binary
                };
                let bytes = message.into_data();
                let count = bytes.len().div_ceil(PIECE).max(1);
                for i in 0..count {
                    let piece = bytes.slice(i * PIECE..bytes.len().min((i + 1) * PIECE));
                    let opcode = OpCode::Data(if i > 0 { Data::Continue } else { kind });
                    let frame = Frame::message(piece, opcode, i + 1 == count);
                    socket.send(Message::Frame(frame)).await?;
                }
            }
            message @ (Message::Text(_) | Message::Binary(_)) => socket.send(message).await?,
            _ => {}
        }
    }
    Ok(())
}
