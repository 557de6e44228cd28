package main

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

func withGorilla(s settings) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if refused(w, r) {
			return
		}
		upgrader := websocket.Upgrader{Subprotocols: protocols, EnableCompression: s.Deflate != nil}
		if r.URL.Path == "/fragments" {
			// A message is cut where the buffer is full.
			upgrader.WriteBufferSize = piece
		}
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		err = gorillaConverse(c, r)
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			noteClose(r, closed.Code, closed.Text)
		}
	}
}

func gorillaConverse(c *websocket.Conn, r *http.Request) error {
	text := func(text string) error { return c.WriteMessage(websocket.TextMessage, []byte(text)) }
	closeWith := func(code int, reason string) error {
		return c.WriteControl(websocket.CloseMessage,
			websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
	}
	var err error
	switch r.URL.Path {
	case "/ping":
		// Called within ReadMessage below, and so never beside another write.
		c.SetPongHandler(func(payload string) error { return text("pong " + payload) })
		err = c.WriteControl(websocket.PingMessage, []byte("from the server"), time.Now().Add(time.Second))
	case "/close":
		code, failed := strconv.Atoi(r.URL.Query().Get("code"))
		if failed != nil {
			code = websocket.CloseNoStatusReceived
		}
		err = closeWith(code, r.URL.Query().Get("reason"))
	case "/last-close":
		err = text(noted(r))
	case "/headers":
		err = text(shown(r))
	case "/release":
		release()
		err = closeWith(websocket.CloseNormalClosure, "")
	case "/push":
		size := number(r, "size")
		for i := 0; i < number(r, "count") && err == nil; i++ {
			err = c.WriteMessage(websocket.BinaryMessage, pattern(i*size, size))
		}
		if err == nil {
			err = closeWith(websocket.CloseNormalClosure, "")
		}
	case "/hold":
		hold()
	}
	var all []byte
	for err == nil {
		var kind int
		var message []byte
		if kind, message, err = c.ReadMessage(); err != nil {
			return err
		}
		switch {
		case r.URL.Path == "/hold" && kind == websocket.BinaryMessage:
			all = append(all, message...)
		case r.URL.Path == "/hold":
			err = c.WriteMessage(kind, sum(all))
		case r.URL.Path == "/fragments":
			err = gorillaPieces(c, kind, message)
		default:
			err = c.WriteMessage(kind, message)
		}
	}
	return err
}

func gorillaPieces(c *websocket.Conn, kind int, message []byte) error {
	w, err := c.NextWriter(kind)
	if err != nil {
		return err
	}
	for ; len(message) > 0; message = message[min(piece, len(message)):] {
		if _, err = w.Write(message[:min(piece, len(message))]); err != nil {
			return err
		}
	}
	return w.Close()
}
