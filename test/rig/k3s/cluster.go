package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// remote is the supervisor of a server, whose CA was compared with the token's.
type remote struct {
	url    string
	ca     []byte
	token  token
	client *http.Client
}

// dialCluster fetches the CA of a server and compares it with the token, before the token is sent.
func dialCluster(server string, token token) (*remote, error) {
	parsed, err := url.Parse(server)
	if err != nil {
		return nil, fmt.Errorf("Invalid server url, failed to parse: %s: %w", server, err)
	}
	if parsed.Scheme != "https" {
		return nil, errors.New("only https:// URLs are supported, invalid scheme: " + server)
	}
	trusting := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	base := strings.TrimRight(server, "/")
	ca, err := read(trusting.Get(base + "/cacerts"))
	if err != nil {
		return nil, fmt.Errorf("failed to get CA certs: %w", err)
	}
	if token.caHash == "" {
		warn("Cluster CA certificate is not trusted by the host CA bundle, but the token does not include a CA hash. Use the full token from the server's node-token file to enable Cluster CA validation.")
	} else if hash := hashOf(ca); hash != token.caHash {
		return nil, mismatch{fmt.Errorf("token CA hash does not match the Cluster CA certificate hash: %s != %s", token.caHash, hash)}
	}
	return &remote{base, ca, token, clientOf(ca, nil)}, nil
}

// mismatch is no passing trouble: a node ends with it.
type mismatch struct{ error }

func clientOf(ca []byte, certificates []tls.Certificate) *http.Client {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: certificates}, IdleConnTimeout: 30 * time.Second}
	return &http.Client{Timeout: 10 * time.Second, Transport: transport}
}

func (r *remote) send(method, path string, body []byte, headers map[string]string) ([]byte, error) {
	request, err := http.NewRequest(method, r.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(r.token.user, r.token.password)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	return read(r.client.Do(request))
}

func (r *remote) get(path string) ([]byte, error) { return r.send("GET", path, nil, nil) }

func (r *remote) put(path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = r.send("PUT", path, text, nil)
	return err
}

func read(response *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = &refused{response.StatusCode, fmt.Sprintf("%s: %s: %s", response.Request.URL, response.Status, strings.TrimSpace(string(body)))}
	}
	return body, err
}

type refused struct {
	status int
	text   string
}

func (r *refused) Error() string { return r.text }

func isStatus(err error, status int) bool {
	var answer *refused
	return errors.As(err, &answer) && answer.status == status
}

// api talks to the Kubernetes API at the first of its servers that answers.
type api struct {
	servers func() []string
	client  *http.Client
}

func (a *api) send(method, path string, body, result any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	last := errors.New("no server is known")
	for _, server := range a.servers() {
		request, err := http.NewRequest(method, server+path, bytes.NewReader(text))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		if method == "PATCH" {
			request.Header.Set("Content-Type", "application/merge-patch+json")
		}
		answer, err := read(a.client.Do(request))
		var status *refused
		if err == nil {
			if result == nil {
				return nil
			}
			return json.Unmarshal(answer, result)
		}
		last = err
		if errors.As(err, &status) && status.status < 500 {
			return err
		}
	}
	return last
}
