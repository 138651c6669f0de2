package main

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"
)

const (
	nodePasswordFile = "/etc/rancher/node/password"
	heartbeat        = 10 * time.Second
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

func runAgent(args []string) error {
	config, err := readConfig("agent", args)
	if err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return errors.New("agent must be run as root")
	}
	url := config.text("server", "")
	text, err := config.token(config.text("data-dir", defaultDataDir))
	if err != nil {
		return err
	}
	if text == "" {
		return errors.New("--token is required")
	}
	if url == "" {
		return errors.New("--server is required")
	}
	parsed, err := parseToken(text)
	if err != nil {
		return err
	}
	if parsed.user == "" {
		parsed.user = "node"
	}
	info("Starting k3s agent %s (rig)", version())
	n := &node{config: config, url: url, token: parsed}
	endWithSignals()
	return n.serve()
}

// runNode is the agent part of a server.
func (s *server) runNode() error {
	n := &node{config: s.config, url: "https://127.0.0.1:6443", token: token{"", "node", s.token.password}, server: s}
	return n.serve()
}

type node struct {
	config   config
	url      string
	token    token
	server   *server // undefined in an agent
	name, ip string
	api      *api
	lock     sync.Mutex
	servers  []string
}

func (n *node) dir() string { return filepath.Join(n.config.text("data-dir", defaultDataDir), "agent") }

func (n *node) serve() error {
	var err error
	if n.name, err = n.config.nodeName(); err != nil {
		return err
	}
	if n.ip, err = n.config.nodeIP(); err != nil {
		return err
	}
	if err := n.checkLabels(); err != nil {
		return err
	}
	n.known([]string{strings.TrimRight(n.url, "/")})
	ca := n.connect()
	pair, err := tls.LoadX509KeyPair(filepath.Join(n.dir(), "client-kubelet.crt"), filepath.Join(n.dir(), "client-kubelet.key"))
	if err != nil {
		return err
	}
	n.api = &api{n.list, clientOf(ca, []tls.Certificate{pair})}
	for err := n.register(); err != nil; err = n.register() {
		info("Unable to register node with API server: %v", err)
		time.Sleep(time.Second)
	}
	if n.server == nil {
		notify("READY=1")
	}
	for {
		if err := n.beat(); err != nil {
			warn("Failed to update lease: %v", err)
		}
		n.refresh()
		time.Sleep(heartbeat)
	}
}

// connect tries until a server signs the certificate of the node; a wrong CA ends it. It answers the CA.
func (n *node) connect() []byte {
	for {
		for _, server := range n.list() {
			ca, err := n.fetchCertificate(server)
			if err == nil {
				return ca
			}
			var wrong mismatch
			if errors.As(err, &wrong) {
				fatal("Error: %v", err)
			}
			say("error", "%v", err)
		}
		time.Sleep(2 * time.Second)
	}
}

func (n *node) fetchCertificate(server string) ([]byte, error) {
	remote, err := dialCluster(server, n.token)
	if err != nil {
		return nil, fmt.Errorf("Failed to validate connection to cluster at %s: %w", server, err)
	}
	password, err := nodePassword()
	if err != nil {
		return nil, err
	}
	key, err := keyAt(filepath.Join(n.dir(), "client-kubelet.key"))
	if err != nil {
		return nil, err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: n.name}}, key)
	if err != nil {
		return nil, err
	}
	headers := map[string]string{"k3s-Node-Name": n.name, "k3s-Node-Password": password, "k3s-Node-IP": n.ip}
	signed, err := remote.send("POST", "/v1-k3s/client-kubelet.crt", request, headers)
	if isStatus(err, 403) {
		return nil, errors.New("Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag")
	} else if err != nil {
		return nil, err
	}
	if err := write(filepath.Join(n.dir(), "server-ca.crt"), remote.ca, 0o644); err != nil {
		return nil, err
	}
	if text, err := remote.get("/v1-k3s/apiservers"); err == nil {
		n.learn(text)
	}
	return remote.ca, write(filepath.Join(n.dir(), "client-kubelet.crt"), signed, 0o600)
}

func nodePassword() (string, error) {
	text, err := os.ReadFile(nodePasswordFile)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	} else if !os.IsNotExist(err) {
		return "", err
	}
	password := randomText(16)
	return password, write(nodePasswordFile, []byte(password+"\n"), 0o600)
}

// known servers are kept, so that the node finds another one when that of its configuration is gone.
func (n *node) known(first []string) {
	n.servers = first
	text, err := os.ReadFile(n.balancer())
	if err != nil || n.server != nil {
		return
	}
	var kept struct{ ServerAddresses []string }
	if json.Unmarshal(text, &kept) == nil {
		n.add(kept.ServerAddresses)
	}
}

func (n *node) balancer() string {
	return filepath.Join(n.dir(), "etc", "k3s-agent-load-balancer.json")
}

func (n *node) list() []string {
	n.lock.Lock()
	defer n.lock.Unlock()
	return append([]string{}, n.servers...)
}

func (n *node) add(addresses []string) {
	n.lock.Lock()
	defer n.lock.Unlock()
	all := n.servers[:1]
	sort.Strings(addresses)
	for _, address := range addresses {
		if server := "https://" + address; server != all[0] {
			all = append(all, server)
		}
	}
	n.servers = all
}

func (n *node) learn(text []byte) {
	var addresses []string
	if n.server != nil || json.Unmarshal(text, &addresses) != nil || len(addresses) == 0 {
		return
	}
	n.add(addresses)
	kept, _ := json.Marshal(map[string]any{"ServerURL": n.url, "ServerAddresses": addresses, "Listener": nil})
	if err := write(n.balancer(), kept, 0o600); err != nil {
		warn("%v", err)
	}
}

func (n *node) refresh() {
	if n.server != nil {
		return
	}
	for _, server := range n.list() {
		remote, err := dialCluster(server, n.token)
		if err != nil {
			continue
		}
		if text, err := remote.get("/v1-k3s/apiservers"); err == nil {
			n.learn(text)
			return
		}
	}
}

// checkLabels refuses what kubelet refuses: labels of Kubernetes that a node may not give itself.
func (n *node) checkLabels() error {
	for _, label := range n.config.list("node-label") {
		name, _, _ := strings.Cut(label, "=")
		domain, _, found := strings.Cut(name, "/")
		own := domain == "kubernetes.io" || strings.HasSuffix(domain, ".kubernetes.io") || domain == "k8s.io" || strings.HasSuffix(domain, ".k8s.io")
		free := domain == "kubelet.kubernetes.io" || strings.HasSuffix(domain, ".kubelet.kubernetes.io") || domain == "node.kubernetes.io" || strings.HasSuffix(domain, ".node.kubernetes.io") ||
			strings.Contains(" kubernetes.io/hostname kubernetes.io/os kubernetes.io/arch topology.kubernetes.io/region topology.kubernetes.io/zone ", " "+name+" ")
		if found && own && !free {
			return fmt.Errorf("failed to start kubelet: unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: [%s]", name)
		}
	}
	return nil
}

// register makes the node with its labels and taints, which act at this moment only, and tells its state.
func (n *node) register() error {
	err := n.api.send("GET", "/api/v1/nodes/"+n.name, nil, nil)
	if isStatus(err, 404) {
		err = n.api.send("POST", "/api/v1/nodes", n.fresh(), nil)
	}
	if err != nil {
		return err
	}
	own := map[string]any{"metadata": map[string]any{"labels": n.ownLabels()}}
	if err := n.api.send("PATCH", "/api/v1/nodes/"+n.name, own, nil); err != nil {
		return err
	}
	return n.tell()
}

func (n *node) ownLabels() map[string]string {
	return map[string]string{
		"kubernetes.io/hostname": n.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": runtime.GOARCH,
		"beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": runtime.GOARCH, "node.kubernetes.io/instance-type": "k3s", "beta.kubernetes.io/instance-type": "k3s",
	}
}

func (n *node) fresh() map[string]any {
	labels := n.ownLabels()
	for _, label := range n.config.list("node-label") {
		name, value, _ := strings.Cut(label, "=")
		labels[name] = value
	}
	taints := []map[string]string{}
	for _, taint := range n.config.list("node-taint") {
		rest, effect, _ := strings.Cut(taint, ":")
		key, value, _ := strings.Cut(rest, "=")
		taints = append(taints, map[string]string{"key": key, "value": value, "effect": effect})
	}
	return map[string]any{
		"apiVersion": "v1", "kind": "Node", "spec": map[string]any{"taints": taints, "providerID": "k3s://" + n.name},
		"metadata": map[string]any{"name": n.name, "labels": labels, "annotations": map[string]string{"k3s.io/hostname": n.name, "k3s.io/internal-ip": n.ip}},
	}
}

// tell describes the node as kubelet does.
func (n *node) tell() error {
	now := time.Now().UTC().Format(time.RFC3339)
	condition := func(kind, status, reason, message string) map[string]string {
		return map[string]string{"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": now, "lastTransitionTime": now}
	}
	amounts := map[string]string{"cpu": fmt.Sprint(runtime.NumCPU()), "memory": "8Gi", "pods": "110", "ephemeral-storage": "32Gi"}
	return n.api.send("PATCH", "/api/v1/nodes/"+n.name+"/status", map[string]any{"status": map[string]any{
		"capacity": amounts, "allocatable": amounts,
		"addresses": []map[string]string{{"type": "InternalIP", "address": n.ip}, {"type": "Hostname", "address": n.name}},
		"conditions": []map[string]string{
			condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
			condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
			condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
			condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
		},
		"nodeInfo": map[string]string{
			"kubeletVersion": version(), "kubeProxyVersion": "", "operatingSystem": "linux", "architecture": runtime.GOARCH, "osImage": osName(),
			"kernelVersion": line("/proc/sys/kernel/osrelease"), "machineID": line("/etc/machine-id"), "bootID": line("/proc/sys/kernel/random/boot_id"),
			"systemUUID": line("/etc/machine-id"), "containerRuntimeVersion": "none://rig",
		},
	}}, nil)
}

// beat renews the Lease; a node that was taken for lost says that it is back.
func (n *node) beat() error {
	path := "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
	spec := map[string]any{"holderIdentity": n.name, "leaseDurationSeconds": 40, "renewTime": time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")}
	err := n.api.send("PATCH", path+"/"+n.name, map[string]any{"spec": spec}, nil)
	if isStatus(err, 404) {
		err = n.api.send("POST", path, map[string]any{
			"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": map[string]any{"name": n.name}, "spec": spec,
		}, nil)
	}
	if err != nil {
		return err
	}
	return n.tell()
}

func line(path string) string {
	text, _ := os.ReadFile(path)
	return strings.TrimSpace(string(text))
}

func osName() string {
	for _, each := range strings.Split(line("/etc/os-release"), "\n") {
		if name, found := strings.CutPrefix(each, "PRETTY_NAME="); found {
			return strings.Trim(name, `"`)
		}
	}
	return "linux"
}
