// The test application for Go's net/http/fcgi; what it does stands in FCT/Backend.pm. Arguments: network, address.
package main

import (
	"fmt"
	"hash/adler32"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"
)

var block = []byte(strings.Repeat("0123456789abcdef", 4096))

func pattern(w io.Writer, query string) {
	n, _ := strconv.Atoi(query)
	for n > 0 {
		piece := block
		if n < len(block) {
			piece = block[:n]
		}
		if _, err := w.Write(piece); err != nil {
			return
		}
		n -= len(piece)
	}
}

// Go turns most parameters into fields of the request; what is left comes from fcgi.ProcessEnv.
func environment(r *http.Request) map[string]string {
	env := map[string]string{
		"REQUEST_METHOD": r.Method, "REQUEST_URI": r.RequestURI, "SERVER_PROTOCOL": r.Proto,
		"REMOTE_ADDR": r.RemoteAddr, "QUERY_STRING": r.URL.RawQuery, "HTTP_HOST": r.Host,
		"CONTENT_LENGTH": strconv.FormatInt(r.ContentLength, 10),
	}
	if r.TLS != nil {
		env["HTTPS"] = "on"
	}
	for name, value := range fcgi.ProcessEnv(r) {
		env[name] = value
	}
	for name, values := range r.Header {
		env["HTTP_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))] = strings.Join(values, ", ")
	}
	return env
}

func showEnvironment(w http.ResponseWriter, r *http.Request, _ string) {
	body, _ := io.ReadAll(r.Body)
	env := environment(r)
	names := make([]string, 0, len(env))
	for name := range env {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(w, "%s=%s\n", name, env[name])
	}
	fmt.Fprintf(w, "body=%d %08x\n", len(body), adler32.Checksum(body))
}

func echo(w http.ResponseWriter, r *http.Request, _ string) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}

func events(w http.ResponseWriter, _ *http.Request, query string) {
	w.Header().Set("Content-Type", "text/event-stream")
	n, _ := strconv.Atoi(query)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(w, "data: %d\n\n", i)
		w.(http.Flusher).Flush()
		time.Sleep(100 * time.Millisecond)
	}
}

func status(w http.ResponseWriter, _ *http.Request, query string) {
	code, _ := strconv.Atoi(query)
	w.WriteHeader(code)
	if code != 204 && code != 304 {
		fmt.Fprintf(w, "status %d\n", code)
	}
}

var actions = map[string]func(http.ResponseWriter, *http.Request, string){
	"env":  showEnvironment,
	"echo": echo,
	"download": func(w http.ResponseWriter, _ *http.Request, query string) {
		w.Header().Set("Content-Length", query)
		pattern(w, query)
	},
	"stream": func(w http.ResponseWriter, _ *http.Request, query string) { pattern(w, query) },
	"events": events,
	"status": status,
	"redirect": func(w http.ResponseWriter, _ *http.Request, query string) {
		w.Header().Set("Location", query)
		w.WriteHeader(302)
	},
	"cookies": func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Add("Set-Cookie", "a=1; Path=/")
		w.Header().Add("Set-Cookie", "b=2; Path=/")
		fmt.Fprintln(w, "cookies")
	},
	"stderr": func(w http.ResponseWriter, _ *http.Request, query string) {
		fmt.Fprintln(os.Stderr, query)
		fmt.Fprintln(w, "told")
	},
	"early": func(w http.ResponseWriter, _ *http.Request, _ string) { fmt.Fprintln(w, "early") },
	"slow": func(w http.ResponseWriter, _ *http.Request, query string) {
		ms, _ := strconv.Atoi(query)
		time.Sleep(time.Duration(ms) * time.Millisecond)
		fmt.Fprintln(w, "slow")
	},
	"pid": func(w http.ResponseWriter, _ *http.Request, _ string) { fmt.Fprintln(w, os.Getpid()) },
}

func serve(w http.ResponseWriter, r *http.Request) {
	action, known := actions[path.Base(r.URL.Path)]
	w.Header().Set("Content-Type", "text/plain")
	if !known {
		w.WriteHeader(404)
		fmt.Fprintln(w, "no such action")
		return
	}
	action(w, r, r.URL.RawQuery)
}

func main() {
	listener, err := net.Listen(os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(fcgi.Serve(listener, http.HandlerFunc(serve)))
}
