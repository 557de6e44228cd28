// A server for the interop cases: coder/websocket or gorilla/websocket. Settings as JSON in the first argument.
// What each path does stands in ../servers.mjs.
package main

import (
	"encoding/json"
	"fmt"
	"hash/adler32"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
)

// The bytes in each fragment of /fragments.
const piece = 1000

var protocols = []string{"v2.ringlet", "v1.ringlet"}

type settings struct {
	Library string
	// Deflate is nil where nothing is to be compressed.
	Deflate *struct{ NoTakeover bool }
	TLS     *struct{ CertFile, KeyFile string }
}

// What the connections share.
var (
	mutex sync.Mutex
	held  = make(chan struct{})
	// Name of a connection to the Close frame that came.
	closes = map[string]string{}
)

func hold() {
	mutex.Lock()
	released := held
	mutex.Unlock()
	<-released
}

func release() {
	mutex.Lock()
	close(held)
	held = make(chan struct{})
	mutex.Unlock()
}

func noteClose(r *http.Request, code int, reason string) {
	mutex.Lock()
	closes[r.URL.Query().Get("name")] = fmt.Sprint(code, " ", reason)
	mutex.Unlock()
}

func noted(r *http.Request) string {
	mutex.Lock()
	defer mutex.Unlock()
	return closes[r.URL.Query().Get("of")]
}

// refused answers /refuse, and says whether it did.
func refused(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/refuse" {
		return false
	}
	status := number(r, "status")
	switch status {
	case 401:
		w.Header().Set("WWW-Authenticate", `Basic realm="interop"`)
	case 503:
		w.Header().Set("Retry-After", "7")
	}
	w.WriteHeader(status)
	return true
}

func number(r *http.Request, name string) int {
	value, _ := strconv.Atoi(r.URL.Query().Get(name))
	return value
}

// shown is what /headers answers.
func shown(r *http.Request) string {
	return strings.Join([]string{
		r.Header.Get("X-Ringlet"), r.Header.Get("Authorization"), r.Header.Get("Cookie"),
	}, " | ")
}

func pattern(offset, size int) []byte {
	bytes := make([]byte, size)
	for i := range bytes {
		at := offset + i
		bytes[i] = byte(at*7 + (at>>8)*13 + (at>>16)*31)
	}
	return bytes
}

// sum answers for the binary messages of /hold.
func sum(all []byte) []byte {
	return []byte(fmt.Sprintf("%d bytes, sum %08x", len(all), adler32.Checksum(all)))
}

func main() {
	var s settings
	if err := json.Unmarshal([]byte(os.Args[1]), &s); err != nil {
		panic(err)
	}
	handler := withCoder(s)
	if s.Library == "gorilla" {
		handler = withGorilla(s)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("listening on", listener.Addr().(*net.TCPAddr).Port)
	if s.TLS != nil {
		panic(http.ServeTLS(listener, handler, s.TLS.CertFile, s.TLS.KeyFile))
	}
	panic(http.Serve(listener, handler))
}
