package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

const (
	defaultDataDir  = "/var/lib/rancher/k3s"
	adminKubeconfig = "/etc/rancher/k3s/k3s.yaml"
	// Of the API server, which shares its port with the supervisor and is reached through it.
	apiAddress = "127.0.0.2"
	apiURL     = "https://127.0.0.2:6443"
)

var quiet = zap.NewNop()

type server struct {
	config           config
	data, dir, tls   string
	name, ip, member string
	token            token
	etcd             *clientv3.Client
	api              *api
	apiReady         atomic.Bool
	verify           func(*http.Request) *x509.Certificate
	lock             sync.Mutex // of the token
}

func runServer(args []string) error {
	config, err := readConfig("server", args)
	if err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return errors.New("must run as root unless --disable-agent is specified")
	}
	s := &server{config: config, data: config.text("data-dir", defaultDataDir)}
	s.dir = filepath.Join(s.data, "server")
	s.tls = filepath.Join(s.dir, "tls")
	if s.name, err = config.nodeName(); err != nil {
		return err
	}
	if s.ip, err = config.nodeIP(); err != nil {
		return err
	}
	info("Starting k3s %s (rig)", version())
	endWithSignals()
	if config.on("cluster-reset") {
		return s.reset()
	}
	join, err := s.prepare()
	if err != nil {
		return fmt.Errorf("starting kubernetes: preparing server: %w", err)
	}
	return s.serve(join)
}

// prepare settles token, authorities and certificates; it answers the server to join where there is one.
func (s *server) prepare() (*remote, error) {
	text, err := s.config.token(s.data)
	if err != nil {
		return nil, err
	}
	url := s.config.text("server", "")
	var join *remote
	if url != "" && !s.initialized() {
		if join, err = s.bootstrapFrom(url, text); err != nil {
			return nil, err
		}
	}
	if text == "" {
		text = randomText(16)
	}
	if s.token, err = parseToken(text); err != nil {
		return nil, fmt.Errorf("failed to normalize server token: %w", err)
	}
	if s.token.caHash != "" && !exists(filepath.Join(s.tls, "server-ca.crt")) {
		return nil, errors.New("failed to normalize server token: a full token needs the CA that it names, and there is none yet")
	}
	if err := makeAuthorities(s.tls); err != nil {
		return nil, err
	}
	if err := s.makeEncryption(); err != nil {
		return nil, err
	}
	return join, s.writeFiles()
}

func (s *server) writeFiles() error {
	ca, err := os.ReadFile(filepath.Join(s.tls, "server-ca.crt"))
	if err != nil {
		return err
	}
	if s.token.caHash != "" && s.token.caHash != hashOf(ca) {
		return mismatch{fmt.Errorf("token CA hash does not match the Cluster CA certificate hash: %s != %s", s.token.caHash, hashOf(ca))}
	}
	names := []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost", s.name}
	ips := []net.IP{net.ParseIP("127.0.0.1"), net.ParseIP(apiAddress), net.ParseIP(s.ip)}
	if _, services, err := net.ParseCIDR(s.serviceRange()); err == nil {
		services.IP[len(services.IP)-1]++
		ips = append(ips, services.IP)
	}
	for _, each := range s.config.list("tls-san") {
		if ip := net.ParseIP(each); ip != nil {
			ips = append(ips, ip)
		} else {
			names = append(names, each)
		}
	}
	if err := makeLeaves(s.tls, names, ips); err != nil {
		return err
	}
	if err := s.writeToken(ca); err != nil {
		return err
	}
	mode, err := strconv.ParseUint(s.config.text("write-kubeconfig-mode", "600"), 8, 32)
	if err != nil {
		return fmt.Errorf("invalid write-kubeconfig-mode: %w", err)
	}
	if err := writeKubeconfig(s.config.text("write-kubeconfig", adminKubeconfig), "https://127.0.0.1:6443", s.tls, "client-admin", os.FileMode(mode)); err != nil {
		return err
	}
	return writeKubeconfig(filepath.Join(s.dir, "cred", "controller.kubeconfig"), apiURL, s.tls, "client-controller", 0o600)
}

func (s *server) writeToken(ca []byte) error {
	path := filepath.Join(s.dir, "token")
	if err := write(path, []byte(fullToken(ca, "server", s.token.password)+"\n"), 0o600); err != nil {
		return err
	}
	for _, name := range []string{"node-token", "agent-token"} {
		link := filepath.Join(s.dir, name)
		os.Remove(link)
		if err := os.Symlink(path, link); err != nil {
			return err
		}
	}
	return nil
}

// bootstrapFrom takes the authorities of the cluster, after a look at what both must agree on.
func (s *server) bootstrapFrom(url, text string) (*remote, error) {
	if text == "" {
		return nil, errors.New("K3S_TOKEN is required to join a cluster")
	}
	token, err := parseToken(text)
	if err != nil {
		return nil, err
	}
	token.user = "server"
	join, err := dialCluster(url, token)
	if err != nil {
		return nil, fmt.Errorf("failed to validate connection to cluster at %s: %w", url, err)
	}
	answer, err := join.get("/v1-k3s/config")
	if err != nil {
		return nil, fmt.Errorf("failed to validate server configuration: %w", err)
	}
	theirs := map[string]string{}
	if err := json.Unmarshal(answer, &theirs); err != nil {
		return nil, err
	}
	if ours := s.critical(); !reflect.DeepEqual(ours, theirs) {
		return nil, fmt.Errorf("failed to validate server configuration: critical configuration value mismatch between servers: ours %v, theirs %v", ours, theirs)
	}
	if answer, err = join.get("/v1-k3s/server-bootstrap"); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	if err := json.Unmarshal(answer, &files); err != nil {
		return nil, err
	}
	return join, s.writeShared(files)
}

func (s *server) serviceRange() string { return s.config.text("service-cidr", "10.43.0.0/16") }

func (s *server) critical() map[string]string {
	c := s.config
	return map[string]string{
		"ClusterIPRanges": c.text("cluster-cidr", "10.42.0.0/16"), "ServiceIPRanges": s.serviceRange(),
		"ClusterDomain": c.text("cluster-domain", "cluster.local"), "ClusterDNS": c.text("cluster-dns", ""),
		"FlannelBackend": c.text("flannel-backend", "vxlan"), "DisableNPC": strconv.FormatBool(c.on("disable-network-policy")),
		"DisableCCM": strconv.FormatBool(c.on("disable-cloud-controller")), "EncryptSecrets": strconv.FormatBool(c.on("secrets-encryption")),
	}
}

func (s *server) serve(join *remote) error {
	if err := s.startEtcd(join); err != nil {
		return err
	}
	var err error
	if s.etcd, err = s.etcdClient(localEtcd); err != nil {
		return err
	}
	if err := s.listen(); err != nil {
		return err
	}
	s.waitForEtcd(s.etcd)
	if err := s.reconcile(s.etcd, false); err != nil {
		return fmt.Errorf("failed to bootstrap cluster data: failed to reconcile with local datastore: %w", err)
	}
	if err := os.Remove(filepath.Join(s.dir, "db", "reset-flag")); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := s.run("kube-apiserver", s.apiFlags()); err != nil {
		return err
	}
	if s.api, err = s.localAPI("client-supervisor"); err != nil {
		return err
	}
	s.waitForAPI()
	if err := s.run("kube-controller-manager", s.managerFlags()); err != nil {
		return err
	}
	info("k3s is up and running")
	notify("READY=1")
	go s.controllers()
	return s.runNode()
}

func (s *server) localAPI(user string) (*api, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(s.tls, user+".crt"), filepath.Join(s.tls, user+".key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(s.tls, "server-ca.crt"))
	if err != nil {
		return nil, err
	}
	return &api{func() []string { return []string{apiURL} }, clientOf(ca, []tls.Certificate{pair})}, nil
}

func (s *server) waitForAPI() {
	for told := (time.Time{}); ; time.Sleep(100 * time.Millisecond) {
		_, err := read(s.api.client.Get(apiURL + "/readyz"))
		if err == nil {
			s.apiReady.Store(true)
			return
		}
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			info("Waiting for API server to become available: %v", err)
		}
		s.api.client.CloseIdleConnections() // until it listens, its address leads to our own port
	}
}

func (s *server) apiFlags() []string {
	file := func(name string) string { return filepath.Join(s.tls, name) }
	flags := []string{
		"--etcd-servers=" + localEtcd, "--etcd-cafile=" + file("etcd/server-ca.crt"), "--etcd-certfile=" + file("etcd/client.crt"), "--etcd-keyfile=" + file("etcd/client.key"),
		"--bind-address=" + apiAddress, "--secure-port=6443", "--permit-port-sharing=true", "--advertise-address=" + s.config.text("advertise-address", s.ip),
		"--client-ca-file=" + file("client-ca.crt"), "--tls-cert-file=" + file("serving-kube-apiserver.crt"), "--tls-private-key-file=" + file("serving-kube-apiserver.key"),
		"--requestheader-client-ca-file=" + file("request-header-ca.crt"), "--requestheader-allowed-names=system:auth-proxy",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + file("client-auth-proxy.crt"), "--proxy-client-key-file=" + file("client-auth-proxy.key"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local", "--service-account-key-file=" + file("service.key"), "--service-account-signing-key-file=" + file("service.key"),
		"--service-cluster-ip-range=" + s.serviceRange(), "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--anonymous-auth=false", "--allow-privileged=true", "--enable-bootstrap-token-auth=true", "--profiling=false",
	}
	if s.config.on("secrets-encryption") {
		flags = append(flags, "--encryption-provider-config="+file(encryptionConfig))
	}
	return append(flags, argsOf(s.config, "kube-apiserver-arg")...)
}

func (s *server) managerFlags() []string {
	file := func(name string) string { return filepath.Join(s.tls, name) }
	flags := []string{
		"--kubeconfig=" + filepath.Join(s.dir, "cred", "controller.kubeconfig"), "--bind-address=127.0.0.1", "--secure-port=10257", "--authentication-skip-lookup=true",
		"--service-account-private-key-file=" + file("service.key"), "--root-ca-file=" + file("server-ca.crt"), "--use-service-account-credentials=true",
		"--allocate-node-cidrs=true", "--cluster-cidr=" + s.config.text("cluster-cidr", "10.42.0.0/16"), "--service-cluster-ip-range=" + s.serviceRange(),
		"--controllers=*,tokencleaner,-service-lb-controller,-node-route-controller,-cloud-node-lifecycle-controller", "--profiling=false",
	}
	for _, each := range []string{"kube-apiserver-client", "kubelet-client", "legacy-unknown"} {
		flags = append(flags, "--cluster-signing-"+each+"-cert-file="+file("client-ca.crt"), "--cluster-signing-"+each+"-key-file="+file("client-ca.key"))
	}
	flags = append(flags, "--cluster-signing-kubelet-serving-cert-file="+file("server-ca.crt"), "--cluster-signing-kubelet-serving-key-file="+file("server-ca.key"))
	return append(flags, argsOf(s.config, "kube-controller-manager-arg")...)
}

var children struct {
	sync.Mutex
	all    []*exec.Cmd
	ending bool
}

// run starts one of the programs. The server ends when one of them ends, and they end with the server, however it does.
func (s *server) run(name string, flags []string) error {
	log, err := os.OpenFile(filepath.Join(s.data, name+".log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	command := exec.Command(filepath.Join(toolsDir, name), flags...)
	command.Stdout, command.Stderr = log, log
	command.Env = childEnv()
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	children.Lock()
	defer children.Unlock()
	started := make(chan error, 1)
	go func() {
		// The kernel watches the thread that started a child, so it is kept for as long as the child lives.
		lockThread()
		started <- command.Start()
		if command.Process == nil {
			return
		}
		err := command.Wait()
		children.Lock()
		ending := children.ending
		children.Unlock()
		if !ending {
			fatal("%s exited: %v", name, err)
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	children.all = append(children.all, command)
	return nil
}

// childEnv has nothing by which a child could speak to systemd in our name.
func childEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(each string) bool { return strings.HasPrefix(each, "NOTIFY_SOCKET=") })
}

// stopChildren ends them in the order in which each can still say goodbye to the next.
func stopChildren() {
	children.Lock()
	children.ending = true
	all := children.all
	children.Unlock()
	for index := len(all) - 1; index >= 0; index-- {
		all[index].Process.Signal(syscall.SIGTERM)
		for limit := time.Now().Add(3 * time.Second); time.Now().Before(limit) && all[index].Process.Signal(syscall.Signal(0)) == nil; {
			time.Sleep(20 * time.Millisecond)
		}
		all[index].Process.Kill()
	}
}

func endWithSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		stopChildren()
		os.Exit(0)
	}()
}

// notify tells systemd, as a service of the type notify does.
func notify(state string) {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return
	}
	if socket[0] == '@' {
		socket = "\x00" + socket[1:]
	}
	conn, err := net.Dial("unixgram", socket)
	if err != nil {
		warn("systemd was not told %s: %v", state, err)
		return
	}
	defer conn.Close()
	conn.Write([]byte(state))
}
