package main

import (
	"bytes"
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func lockThread() { runtime.LockOSThread() }

// listen serves what joins and asks at port 6443, and hands the rest to the API server.
func (s *server) listen() error {
	pair := func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		found, err := tls.LoadX509KeyPair(filepath.Join(s.tls, "serving-k3s.crt"), filepath.Join(s.tls, "serving-k3s.key"))
		return &found, err
	}
	authority, err := os.ReadFile(filepath.Join(s.tls, "client-ca.crt"))
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	proxy, err := s.proxy()
	if err != nil {
		return err
	}
	shared := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) error {
		return conn.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, 15 /* SO_REUSEPORT */, 1) })
	}}
	listener, err := shared.Listen(context.Background(), "tcp", ":6443")
	if err != nil {
		return err
	}
	web := &http.Server{
		Handler: s.routes(proxy), ErrorLog: nil,
		TLSConfig: &tls.Config{GetCertificate: pair, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}},
	}
	web.TLSConfig.ClientCAs = pool
	s.verify = func(request *http.Request) *x509.Certificate { return clientCertificate(request, pool) }
	web.ErrorLog = discard()
	go func() {
		if err := web.ServeTLS(listener, "", ""); err != nil {
			fatal("the supervisor ended: %v", err)
		}
	}()
	return nil
}

func clientCertificate(request *http.Request, pool *x509.CertPool) *x509.Certificate {
	if len(request.TLS.PeerCertificates) == 0 {
		return nil
	}
	found := request.TLS.PeerCertificates[0]
	if _, err := found.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: client}); err != nil {
		return nil
	}
	return found
}

func (s *server) routes(proxy http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ping", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "pong") })
	mux.HandleFunc("/cacerts", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(s.tls, "server-ca.crt"))
	})
	mux.HandleFunc("/v1-k3s/readyz", s.guarded("node", func(w http.ResponseWriter, _ *http.Request) {
		if !s.apiReady.Load() {
			answerError(w, 503, "runtime core not ready")
			return
		}
		io.WriteString(w, "ok")
	}))
	mux.HandleFunc("/v1-k3s/config", s.guarded("server", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.critical()) }))
	mux.HandleFunc("/v1-k3s/server-bootstrap", s.guarded("server", func(w http.ResponseWriter, _ *http.Request) {
		files, err := s.shared()
		if err != nil {
			answerError(w, 500, err.Error())
			return
		}
		answer(w, files)
	}))
	mux.HandleFunc("/db/info", s.guarded("server", s.members))
	mux.HandleFunc("/v1-k3s/token", s.guarded("server", s.rotate))
	mux.HandleFunc("/v1-k3s/apiservers", s.guarded("node", s.apiServers))
	mux.HandleFunc("/v1-k3s/client-kubelet.crt", s.guarded("node", s.kubeletCertificate))
	mux.Handle("/", proxy)
	return mux
}

// guarded wants the password of the token, from a user who may do as much; "server" may do what "node" may.
func (s *server) guarded(user string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.lock.Lock()
		expected := s.token.password
		s.lock.Unlock()
		name, password, _ := r.BasicAuth()
		allowed := name == "server" || (name == "node" && user == "node")
		if !allowed || subtle.ConstantTimeCompare([]byte(password), []byte(expected)) != 1 {
			answerError(w, 401, "Unauthorized")
			return
		}
		next(w, r)
	}
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(body)
}

func answerError(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	reason := map[int]string{401: "Unauthorized", 403: "Forbidden", 503: "ServiceUnavailable"}[status]
	json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Failure", "message": message, "reason": reason, "code": status})
}

func (s *server) members(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	type member struct {
		Name       string   `json:"name"`
		PeerURLs   []string `json:"peerURLs"`
		ClientURLs []string `json:"clientURLs"`
	}
	all := []member{}
	if list, err := s.etcd.MemberList(ctx); err == nil {
		for _, each := range list.Members {
			all = append(all, member{each.Name, each.PeerURLs, each.ClientURLs})
		}
	} else {
		all = append(all, member{s.member, []string{s.peerURL()}, []string{"https://" + s.ip + ":2379"}})
	}
	answer(w, map[string]any{"members": all})
}

func (s *server) rotate(w http.ResponseWriter, r *http.Request) {
	var body struct {
		NewToken string `json:"newToken"`
	}
	if r.Method != http.MethodPut {
		answerError(w, 405, "method not allowed")
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		answerError(w, 400, err.Error())
		return
	}
	if err := s.rotateTo(body.NewToken); err != nil {
		answerError(w, 500, err.Error())
	}
}

func (s *server) rotateTo(password string) error {
	if password == "" {
		password = randomText(16)
	}
	parsed, err := parseToken(password)
	if err != nil {
		return err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	old := bootstrapKey(s.token.password)
	s.token = token{"", "server", parsed.password}
	if err := s.save(s.etcd); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if old != bootstrapKey(parsed.password) {
		if _, err := s.etcd.Delete(ctx, old); err != nil {
			return err
		}
	}
	ca, err := os.ReadFile(filepath.Join(s.tls, "server-ca.crt"))
	if err != nil {
		return err
	}
	return s.writeToken(ca)
}

// apiServers answers where the API servers are, as they told the API themselves.
func (s *server) apiServers(w http.ResponseWriter, _ *http.Request) {
	var slices struct {
		Items []struct {
			Endpoints []struct{ Addresses []string }
			Ports     []struct{ Port int }
		}
	}
	found := []string{}
	if s.api != nil {
		path := "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3Dkubernetes"
		if err := s.api.send("GET", path, nil, &slices); err != nil {
			answerError(w, 503, err.Error())
			return
		}
	}
	for _, slice := range slices.Items {
		for _, endpoint := range slice.Endpoints {
			for _, address := range endpoint.Addresses {
				found = append(found, fmt.Sprintf("%s:%d", address, slice.Ports[0].Port))
			}
		}
	}
	answer(w, found)
}

// kubeletCertificate signs for a node whose password is the one that it had when it came first.
func (s *server) kubeletCertificate(w http.ResponseWriter, r *http.Request) {
	name, password := r.Header.Get("k3s-Node-Name"), r.Header.Get("k3s-Node-Password")
	if name == "" || password == "" {
		answerError(w, 400, "node name or password not set")
		return
	}
	if !s.apiReady.Load() {
		answerError(w, 503, "runtime core not ready")
		return
	}
	if err := s.ensureNodePassword(name, password); err != nil {
		warn("unable to verify password for node %s: %v", name, err)
		answerError(w, 403, "unable to verify hash for node '"+name+"': "+err.Error())
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		answerError(w, 400, err.Error())
		return
	}
	request, err := x509.ParseCertificateRequest(body)
	if err != nil {
		answerError(w, 400, err.Error())
		return
	}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "system:node:" + name, Organization: []string{"system:nodes"}}, ExtKeyUsage: client}
	signed, err := sign(template, request.PublicKey, filepath.Join(s.tls, "client-ca"))
	if err != nil {
		answerError(w, 500, err.Error())
		return
	}
	w.Write(signed)
}

func passwordHash(password string, salt []byte) ([]byte, error) {
	hash, err := pbkdf2.Key(sha256.New, password, salt, 4096, 32)
	return []byte(hex.EncodeToString(salt) + ":" + hex.EncodeToString(hash)), err
}

func (s *server) ensureNodePassword(node, password string) error {
	name := strings.ToLower(node) + ".node-password.k3s"
	path := "/api/v1/namespaces/kube-system/secrets"
	var secret struct{ Data map[string][]byte }
	err := s.api.send("GET", path+"/"+name, nil, &secret)
	if isStatus(err, 404) {
		hash, err := passwordHash(password, []byte(randomText(4)))
		if err != nil {
			return err
		}
		return s.api.send("POST", path, map[string]any{
			"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": name}, "immutable": true,
			"data": map[string]string{"hash": base64.StdEncoding.EncodeToString(hash)},
		}, nil)
	} else if err != nil {
		return err
	}
	text, _, _ := strings.Cut(string(secret.Data["hash"]), ":")
	salt, err := hex.DecodeString(text)
	if err != nil {
		return err
	}
	if hash, err := passwordHash(password, salt); err != nil || !bytes.Equal(hash, secret.Data["hash"]) {
		return fmt.Errorf("hash does not match")
	}
	return nil
}

// proxy tells the API server who asks, where that is known by a certificate.
func (s *server) proxy() (http.Handler, error) {
	target, err := url.Parse(apiURL)
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(s.tls, "server-ca.crt"))
	if err != nil {
		return nil, err
	}
	transport := func(pairs []tls.Certificate) http.RoundTripper {
		plain := clientOf(ca, pairs).Transport.(*http.Transport)
		plain.MaxIdleConnsPerHost = 100
		return plain
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(s.tls, "client-auth-proxy.crt"), filepath.Join(s.tls, "client-auth-proxy.key"))
	if err != nil {
		return nil, err
	}
	known, unknown := transport([]tls.Certificate{pair}), transport(nil)
	forward := func(through http.RoundTripper) *httputil.ReverseProxy {
		return &httputil.ReverseProxy{
			Transport: through, FlushInterval: -1, ErrorLog: discard(), ModifyResponse: tellVersion,
			ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { answerError(w, 502, err.Error()) },
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				for name := range r.Out.Header {
					if strings.HasPrefix(name, "X-Remote-") {
						r.Out.Header.Del(name)
					}
				}
				if found := s.verify(r.In); found != nil {
					r.Out.Header.Del("Authorization")
					r.Out.Header.Set("X-Remote-User", found.Subject.CommonName)
					r.Out.Header["X-Remote-Group"] = found.Subject.Organization
				}
			},
		}
	}
	withName, without := forward(known), forward(unknown)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s.verify(r) == nil && r.Header.Get("Authorization") == "":
			answerError(w, 401, "Unauthorized")
		case !s.apiReady.Load():
			answerError(w, 503, "apiserver not ready")
		case s.verify(r) != nil:
			withName.ServeHTTP(w, r)
		default:
			without.ServeHTTP(w, r)
		}
	}), nil
}

// tellVersion: the API server behind us is that of the rig's tools, and k3s says its own version.
func tellVersion(response *http.Response) error {
	if response.Request.URL.Path != "/version" || response.StatusCode != 200 {
		return nil
	}
	body := map[string]any{}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return err
	}
	body["gitVersion"] = version()
	text, err := json.Marshal(body)
	response.Body = io.NopCloser(bytes.NewReader(text))
	response.Header.Del("Content-Length")
	response.ContentLength = int64(len(text))
	return err
}
