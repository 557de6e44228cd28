package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/coder/websocket"
)

func withCoder(s settings) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if refused(w, r) {
			return
		}
		pongs := make(chan string, 1)
		options := &websocket.AcceptOptions{
			Subprotocols: protocols,
			OnPongReceived: func(_ context.Context, payload []byte) {
				select {
				case pongs <- string(payload):
				default:
				}
			},
		}
		if s.Deflate != nil {
			options.CompressionThreshold = 1
			options.CompressionMode = websocket.CompressionContextTakeover
			if s.Deflate.NoTakeover {
				options.CompressionMode = websocket.CompressionNoContextTakeover
			}
		}
		c, err := websocket.Accept(w, r, options)
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(1 << 26)
		if err = coderConverse(c, r, pongs); err != nil {
			var closed websocket.CloseError
			if errors.As(err, &closed) {
				noteClose(r, int(closed.Code), closed.Reason)
			}
		}
	}
}

func coderConverse(c *websocket.Conn, r *http.Request, pongs chan string) error {
	ctx := r.Context()
	text := func(text string) error { return c.Write(ctx, websocket.MessageText, []byte(text)) }
	switch r.URL.Path {
	case "/ping":
		go func() {
			if c.Ping(ctx) == nil {
				_ = text("pong " + <-pongs)
			}
		}()
	case "/close":
		code := websocket.StatusNoStatusRcvd
		if value, err := strconv.Atoi(r.URL.Query().Get("code")); err == nil {
			code = websocket.StatusCode(value)
		}
		return c.Close(code, r.URL.Query().Get("reason"))
	case "/last-close":
		if err := text(noted(r)); err != nil {
			return err
		}
	case "/headers":
		if err := text(shown(r)); err != nil {
			return err
		}
	case "/release":
		release()
		return c.Close(websocket.StatusNormalClosure, "")
	case "/push":
		size := number(r, "size")
		for i := range number(r, "count") {
			if err := c.Write(ctx, websocket.MessageBinary, pattern(i*size, size)); err != nil {
				return err
			}
		}
		return c.Close(websocket.StatusNormalClosure, "")
	case "/hold":
		hold()
	}
	var all []byte
	for {
		kind, message, err := c.Read(ctx)
		if err != nil {
			return err
		}
		switch {
		case r.URL.Path == "/hold" && kind == websocket.MessageBinary:
			all = append(all, message...)
		case r.URL.Path == "/hold":
			err = c.Write(ctx, kind, sum(all))
		case r.URL.Path == "/fragments":
			err = coderPieces(ctx, c, kind, message)
		default:
			err = c.Write(ctx, kind, message)
		}
		if err != nil {
			return err
		}
	}
}

// coderPieces sends a message in fragments: each Write makes one, and Close an empty last one.
func coderPieces(ctx context.Context, c *websocket.Conn, kind websocket.MessageType, message []byte) error {
	w, err := c.Writer(ctx, kind)
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
