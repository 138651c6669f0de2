package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const year = 365 * 24 * time.Hour

// The files that a joining server gets from the others; the same set as k3s keeps as its bootstrap data.
var sharedFiles = []string{
	"client-ca.crt", "client-ca.key", "server-ca.crt", "server-ca.key", "request-header-ca.crt", "request-header-ca.key",
	"etcd/server-ca.crt", "etcd/server-ca.key", "etcd/peer-ca.crt", "etcd/peer-ca.key", "service.key",
}

// shared names those of this server, from the folder of certificates.
func (s *server) sharedNames() []string {
	if s.config.on("secrets-encryption") {
		return append([]string{encryptionConfig}, sharedFiles...)
	}
	return sharedFiles
}

const encryptionConfig = "../cred/encryption-config.json"

// makeEncryption makes the key of Secrets where a cluster begins. A server that had none before cannot make one: each would
// have a key of its own.
func (s *server) makeEncryption() error {
	path := filepath.Join(s.tls, encryptionConfig)
	if !s.config.on("secrets-encryption") || exists(path) {
		return nil
	}
	if s.initialized() {
		return errors.New("secrets-encryption was not enabled when this cluster began")
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	text := fmt.Sprintf(`{"kind":"EncryptionConfiguration","apiVersion":"apiserver.config.k8s.io/v1","resources":[{"resources":["secrets"],`+
		`"providers":[{"aescbc":{"keys":[{"name":"aescbckey","secret":"%s"}]}},{"identity":{}}]}]}`, base64.StdEncoding.EncodeToString(key))
	return write(path, []byte(text), 0o600)
}

type leaf struct {
	file, ca, name string
	groups         []string
	usage          []x509.ExtKeyUsage
	served         bool
}

var (
	client = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	both   = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
)

var leaves = []leaf{
	{"client-admin", "client-ca", "system:admin", []string{"system:masters"}, client, false},
	{"client-supervisor", "client-ca", "system:k3s-supervisor", []string{"system:masters"}, client, false},
	{"client-controller", "client-ca", "system:kube-controller-manager", nil, client, false},
	{"client-auth-proxy", "request-header-ca", "system:auth-proxy", nil, client, false},
	{"serving-kube-apiserver", "server-ca", "kube-apiserver", nil, both[:1], true},
	{"serving-k3s", "server-ca", "k3s", nil, both[:1], true},
	{"etcd/client", "etcd/server-ca", "etcd-client", nil, client, false},
	{"etcd/server-client", "etcd/server-ca", "etcd-server", nil, both, true},
	{"etcd/peer-server-client", "etcd/peer-ca", "etcd-peer", nil, both, true},
}

// makeAuthorities makes those that are not there yet.
func makeAuthorities(tls string) error {
	now := time.Now().Unix()
	for name, common := range map[string]string{
		"client-ca": "k3s-client-ca", "server-ca": "k3s-server-ca", "request-header-ca": "k3s-request-header-ca",
		"etcd/server-ca": "etcd-server-ca", "etcd/peer-ca": "etcd-peer-ca",
	} {
		path := filepath.Join(tls, name)
		if exists(path + ".crt") {
			continue
		}
		key, err := newKey(path + ".key")
		if err != nil {
			return err
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(now), Subject: pkix.Name{CommonName: fmt.Sprintf("%s@%d", common, now)},
			NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(10 * year),
			KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			return err
		}
		if err := write(path+".crt", encoded("CERTIFICATE", der), 0o644); err != nil {
			return err
		}
	}
	if exists(filepath.Join(tls, "service.key")) {
		return nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	return write(filepath.Join(tls, "service.key"), encoded("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), 0o600)
}

// makeLeaves makes what is missing, ends within 120 days, is of another authority or lacks a name.
func makeLeaves(tls string, names []string, ips []net.IP) error {
	for _, each := range leaves {
		path := filepath.Join(tls, each.file)
		authority := filepath.Join(tls, each.ca)
		if each.good(path+".crt", authority+".crt", names, ips) {
			continue
		}
		key, err := keyAt(path + ".key")
		if err != nil {
			return err
		}
		template := &x509.Certificate{Subject: pkix.Name{CommonName: each.name, Organization: each.groups}, ExtKeyUsage: each.usage}
		if each.served {
			template.DNSNames, template.IPAddresses = names, ips
		}
		certificate, err := sign(template, key.Public(), authority)
		if err != nil {
			return err
		}
		if err := write(path+".crt", certificate, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (l leaf) good(file, authority string, names []string, ips []net.IP) bool {
	certificate, err := certificateAt(file)
	if err != nil || time.Until(certificate.NotAfter) < 120*24*time.Hour {
		return false
	}
	parent, err := certificateAt(authority)
	if err != nil || certificate.CheckSignatureFrom(parent) != nil {
		return false
	}
	for _, name := range names {
		if l.served && certificate.VerifyHostname(name) != nil {
			return false
		}
	}
	for _, ip := range ips {
		if l.served && certificate.VerifyHostname(ip.String()) != nil {
			return false
		}
	}
	return true
}

// sign answers the certificate and that of the authority at the path, which has no ending.
func sign(template *x509.Certificate, public crypto.PublicKey, authority string) ([]byte, error) {
	parent, err := certificateAt(authority + ".crt")
	if err != nil {
		return nil, err
	}
	key, err := keyAt(authority + ".key")
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Minute)
	template.NotAfter = time.Now().Add(year)
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, err
	}
	return append(encoded("CERTIFICATE", der), encoded("CERTIFICATE", parent.Raw)...), nil
}

func newKey(path string) (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, write(path, encoded("EC PRIVATE KEY", der), 0o600)
}

// keyAt reads the key, or makes it.
func keyAt(path string) (crypto.Signer, error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return newKey(path)
	} else if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key", path)
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

func certificateAt(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(path + " holds no certificate")
	}
	return x509.ParseCertificate(block.Bytes)
}

func encoded(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// write makes the file whole or not at all.
func write(path string, text []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, mode); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func writeKubeconfig(path, server string, tls, user string, mode os.FileMode) error {
	var parts [3]string
	for index, file := range []string{"server-ca.crt", user + ".crt", user + ".key"} {
		text, err := os.ReadFile(filepath.Join(tls, file))
		if err != nil {
			return err
		}
		parts[index] = base64.StdEncoding.EncodeToString(text)
	}
	text := fmt.Sprintf(`apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: %s
    server: %s
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: %s
    client-key-data: %s
`, parts[0], server, parts[1], parts[2])
	if err := write(path, []byte(text), mode); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}
