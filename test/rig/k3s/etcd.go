package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

const localEtcd = "https://127.0.0.1:2379"

func (s *server) initialized() bool {
	return exists(filepath.Join(s.dir, "db", "etcd", "member", "wal"))
}

func (s *server) peerURL() string { return "https://" + s.ip + ":2380" }

// memberName is kept beside the database; a new database has a new name, so that the old member is never taken for it.
func (s *server) memberName(fresh bool) (string, error) {
	path := filepath.Join(s.dir, "db", "etcd", "name")
	if text, err := os.ReadFile(path); err == nil && !fresh {
		return string(text), nil
	}
	name := s.name + "-" + randomText(4)
	return name, write(path, []byte(name), 0o600)
}

func (s *server) etcdClient(endpoints ...string) (*clientv3.Client, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(s.tls, "etcd/client.crt"), filepath.Join(s.tls, "etcd/client.key"))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(filepath.Join(s.tls, "etcd/server-ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	return clientv3.New(clientv3.Config{
		Endpoints: endpoints, DialTimeout: 2 * time.Second, TLS: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}},
		Logger: quiet,
	})
}

func (s *server) etcdFlags(state, cluster string) []string {
	file := func(name string) string { return filepath.Join(s.tls, "etcd", name) }
	metrics := "http://127.0.0.1:2381"
	if s.config.on("etcd-expose-metrics") {
		metrics += ",http://" + s.ip + ":2381"
	}
	flags := []string{
		"--name=" + s.member, "--data-dir=" + filepath.Join(s.dir, "db", "etcd"),
		"--listen-client-urls=" + localEtcd + ",https://" + s.ip + ":2379", "--advertise-client-urls=https://" + s.ip + ":2379",
		"--listen-peer-urls=https://127.0.0.1:2380," + s.peerURL(), "--initial-advertise-peer-urls=" + s.peerURL(),
		"--listen-client-http-urls=https://127.0.0.1:2382", "--listen-metrics-urls=" + metrics, "--heartbeat-interval=500", "--election-timeout=5000", "--log-level=warn",
		"--client-cert-auth", "--trusted-ca-file=" + file("server-ca.crt"), "--cert-file=" + file("server-client.crt"), "--key-file=" + file("server-client.key"),
		"--peer-client-cert-auth", "--peer-trusted-ca-file=" + file("peer-ca.crt"), "--peer-cert-file=" + file("peer-server-client.crt"), "--peer-key-file=" + file("peer-server-client.key"),
	}
	if cluster != "" {
		flags = append(flags, "--initial-cluster-state="+state, "--initial-cluster="+cluster)
	}
	return append(flags, argsOf(s.config, "etcd-arg")...)
}

func argsOf(config config, name string) []string {
	var flags []string
	for _, each := range config[name] {
		flags = append(flags, "--"+strings.TrimLeft(each, "-"))
	}
	return flags
}

// startEtcd begins a cluster, goes on with its own data, or joins the others.
func (s *server) startEtcd(join *remote) error {
	var err error
	flags := func(state, cluster string) []string { return s.etcdFlags(state, cluster) }
	switch {
	case s.initialized():
		if s.member, err = s.memberName(false); err != nil {
			return err
		}
		if err := os.Chmod(filepath.Join(s.dir, "db", "etcd"), 0o700); err != nil {
			return err
		}
		return s.run("etcd", flags("", ""))
	case join == nil:
		if s.member, err = s.memberName(false); err != nil {
			return err
		}
		info("Starting etcd to join/create cluster %s=%s", s.member, s.peerURL())
		return s.run("etcd", flags("new", s.member+"="+s.peerURL()))
	default:
		return s.joinEtcd(join, flags)
	}
}

type memberList struct {
	Members []struct {
		ClientURLs []string `json:"clientURLs"`
	} `json:"members"`
}

func (s *server) joinEtcd(join *remote, flags func(state, cluster string) []string) error {
	text, err := join.get("/db/info")
	if err != nil {
		return fmt.Errorf("ETCD join failed: %w", err)
	}
	var list memberList
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	var endpoints []string
	for _, member := range list.Members {
		endpoints = append(endpoints, member.ClientURLs...)
	}
	etcd, err := s.etcdClient(endpoints...)
	if err != nil {
		return fmt.Errorf("ETCD join failed: %w", err)
	}
	if s.member, err = s.memberName(false); err != nil {
		return err
	}
	cluster, err := s.addMember(etcd)
	if err != nil {
		return fmt.Errorf("ETCD join failed: %w", err)
	}
	info("Starting etcd for cluster %v", cluster)
	if err := s.run("etcd", flags("existing", strings.Join(cluster, ","))); err != nil {
		return err
	}
	go s.promote(etcd)
	return nil
}

// addMember answers the cluster with ourselves in it.
func (s *server) addMember(etcd *clientv3.Client) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	members, err := etcd.MemberList(ctx)
	if err != nil {
		return nil, err
	}
	var cluster []string
	there := false
	for _, member := range members.Members {
		ours := false
		for _, peer := range member.PeerURLs {
			parsed, err := url.Parse(peer)
			ours = ours || (err == nil && parsed.Hostname() == s.ip)
		}
		if member.Name == "" && ours {
			member.Name = s.member
		}
		there = there || (member.Name == s.member && ours)
		if at := strings.LastIndex(member.Name, "-"); member.Name != s.member && at > 1 && member.Name[:at] == s.name {
			os.Remove(filepath.Join(s.dir, "db", "etcd", "name"))
			return nil, errors.New("duplicate node name found, please use a unique name for this node")
		}
		cluster = append(cluster, member.Name+"="+member.PeerURLs[0])
	}
	if there {
		return cluster, nil
	}
	info("Adding member %s=%s to etcd cluster %v", s.member, s.peerURL(), cluster)
	if _, err := etcd.MemberAddAsLearner(ctx, []string{s.peerURL()}); err != nil {
		return nil, err
	}
	return append(cluster, s.member+"="+s.peerURL()), nil
}

// promote asks until the learner has caught up.
func (s *server) promote(etcd *clientv3.Client) {
	defer etcd.Close()
	for ; ; time.Sleep(500 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		members, err := etcd.MemberList(ctx)
		if err == nil {
			for _, member := range members.Members {
				if member.Name == s.member && !member.IsLearner {
					cancel()
					return
				} else if member.Name == s.member {
					_, err = etcd.MemberPromote(ctx, member.ID)
				}
			}
		}
		cancel()
		if err != nil {
			info("Waiting to be promoted from learner: %v", err)
		}
	}
}

// waitForEtcd returns when this member votes and answers.
func (s *server) waitForEtcd(etcd *clientv3.Client) {
	for told := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		status, err := etcd.Status(ctx, localEtcd)
		if err == nil && status.IsLearner {
			err = errors.New("this server has not yet been promoted from learner to voting member")
		} else if err == nil {
			_, err = etcd.Get(ctx, "/bootstrap")
		}
		cancel()
		if err == nil {
			info("etcd data store connection OK")
			return
		}
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			info("Failed to test etcd connection: %v", err)
		}
	}
}

func bootstrapKey(password string) string {
	sum := sha256.Sum256([]byte(password))
	return "/bootstrap/" + hex.EncodeToString(sum[:])[:12]
}

// reconcile reads the shared files from the datastore, where they are encrypted with the token, or puts them there.
// `overwrite`: those of the datastore replace the ones on disk, as after a restore.
func (s *server) reconcile(etcd *clientv3.Client, overwrite bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	all, err := etcd.Get(ctx, "/bootstrap/", clientv3.WithPrefix())
	if err != nil {
		return err
	}
	key := bootstrapKey(s.token.password)
	for _, each := range all.Kvs {
		if string(each.Key) != key {
			continue
		}
		text, err := open(s.token.password, each.Value)
		if err != nil || !overwrite {
			return err
		}
		files := map[string][]byte{}
		if err := json.Unmarshal(text, &files); err != nil {
			return err
		}
		return s.writeShared(files)
	}
	if len(all.Kvs) > 0 {
		return errors.New("bootstrap data already found and encrypted with different token")
	}
	return s.save(etcd)
}

func (s *server) save(etcd *clientv3.Client) error {
	files, err := s.shared()
	if err != nil {
		return err
	}
	text, err := json.Marshal(files)
	if err != nil {
		return err
	}
	sealed, err := seal(s.token.password, text)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err = etcd.Put(ctx, bootstrapKey(s.token.password), string(sealed))
	return err
}

func (s *server) shared() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, name := range s.sharedNames() {
		text, err := os.ReadFile(filepath.Join(s.tls, name))
		if err != nil {
			return nil, err
		}
		files[name] = text
	}
	return files, nil
}

func (s *server) writeShared(files map[string][]byte) error {
	for _, name := range s.sharedNames() {
		text, there := files[name]
		if !there {
			return fmt.Errorf("bootstrap data lacks %s", name)
		}
		if err := write(filepath.Join(s.tls, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func cipherOf(password string, salt []byte) (cipher.AEAD, error) {
	key, err := pbkdf2.Key(sha256.New, password, salt, 4096, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func seal(password string, text []byte) ([]byte, error) {
	head := make([]byte, 8+12)
	if _, err := rand.Read(head); err != nil {
		return nil, err
	}
	aead, err := cipherOf(password, head[:8])
	if err != nil {
		return nil, err
	}
	return aead.Seal(head, head[8:], text, nil), nil
}

func open(password string, sealed []byte) ([]byte, error) {
	if len(sealed) < 20 {
		return nil, errors.New("bootstrap data is cut short")
	}
	aead, err := cipherOf(password, sealed[:8])
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, sealed[8:20], sealed[20:], nil)
}

// removeMember takes the member of a node out of the cluster; one that is not there is no error.
func (s *server) removeMember(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	members, err := s.etcd.MemberList(ctx)
	if err != nil {
		return err
	}
	for _, member := range members.Members {
		if member.Name == name {
			info("Removing name=%s id=%d address=%v from etcd", member.Name, member.ID, member.PeerURLs)
			_, err = s.etcd.MemberRemove(ctx, member.ID)
		}
	}
	return err
}
