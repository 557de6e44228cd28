// An echo server: coder/websocket or gorilla/websocket. Settings as JSON in the first argument.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
)

type settings struct {
	Library    string
	NoTakeover bool
}

func withCoder(noTakeover bool) http.HandlerFunc {
	mode := coder.CompressionContextTakeover
	if noTakeover {
		mode = coder.CompressionNoContextTakeover
	}
	options := &coder.AcceptOptions{CompressionMode: mode, CompressionThreshold: 1}
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := coder.Accept(w, r, options)
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(1 << 26)
		for {
			kind, message, err := c.Read(r.Context())
			if err != nil || c.Write(r.Context(), kind, message) != nil {
				return
			}
		}
	}
}

func withGorilla() http.HandlerFunc {
	upgrader := gorilla.Upgrader{EnableCompression: true}
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		for {
			kind, message, err := c.ReadMessage()
			if err != nil || c.WriteMessage(kind, message) != nil {
				return
			}
		}
	}
}

func main() {
	var s settings
	if err := json.Unmarshal([]byte(os.Args[1]), &s); err != nil {
		panic(err)
	}
	handler := withCoder(s.NoTakeover)
	if s.Library == "gorilla" {
		handler = withGorilla()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("listening on", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, handler))
}
