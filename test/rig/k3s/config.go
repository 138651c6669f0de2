package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"
)

const configFile = "/etc/rancher/k3s/config.yaml"

// What the stand-in acts on or may ignore, because it concerns containers.
var known = map[string][]string{
	"server": strings.Fields(`cluster-init cluster-reset cluster-reset-restore-path server tls-san tls-san-security write-kubeconfig
		write-kubeconfig-mode write-kubeconfig-group cluster-cidr service-cidr service-node-port-range cluster-dns cluster-domain
		flannel-backend flannel-ipv6-masq egress-selector-mode disable disable-network-policy disable-kube-proxy
		disable-cloud-controller disable-helm-controller disable-scheduler secrets-encryption agent-token agent-token-file
		etcd-expose-metrics etcd-disable-snapshots etcd-snapshot-name etcd-snapshot-dir etcd-snapshot-schedule-cron
		etcd-snapshot-retention etcd-snapshot-compress etcd-arg kube-apiserver-arg kube-controller-manager-arg
		kube-scheduler-arg kube-cloud-controller-manager-arg advertise-address advertise-port bind-address https-listen-port
		default-local-storage-path embedded-registry servicelb-namespace helm-job-image supervisor-metrics`),
	"agent": strings.Fields(`server disable-apiserver-lb`),
	"": strings.Fields(`token token-file data-dir node-name with-node-id node-ip node-external-ip node-label node-taint config
		kubelet-arg kube-proxy-arg protect-kernel-defaults flannel-iface flannel-conf flannel-cni-conf selinux
		private-registry snapshotter pause-image system-default-registry resolv-conf lb-server-port rootless debug v vmodule
		log alsologtostderr docker container-runtime-endpoint image-credential-provider-bin-dir
		image-credential-provider-config prefer-bundled-bin nonroot-devices vpn-auth vpn-auth-file default-runtime
		disable-default-registry-endpoint airgap-extra-registry kubelet-config`),
}

// config holds what the flags and files say, by the flag's name; a flag may stand more than once.
type config map[string][]string

func (c config) text(name, otherwise string) string {
	if values := c[name]; len(values) > 0 {
		return values[len(values)-1]
	}
	return otherwise
}

func (c config) on(name string) bool {
	value := c.text(name, "false")
	return value == "true" || value == ""
}

// list splits values at commas, as k3s does for addresses and components.
func (c config) list(name string) []string {
	var all []string
	for _, value := range c[name] {
		for _, each := range strings.Split(value, ",") {
			if each = strings.TrimSpace(each); each != "" {
				all = append(all, each)
			}
		}
	}
	return all
}

// readConfig reads the files, then the flags, which win.
func readConfig(command string, args []string) (config, error) {
	flags, err := readFlags(command, args)
	if err != nil {
		return nil, err
	}
	all := config{}
	file := flags.text("config", env("K3S_CONFIG_FILE", configFile))
	others, _ := filepath.Glob(file + ".d/*.yaml")
	sort.Strings(others)
	for _, path := range append([]string{file}, others...) {
		if err := all.addFile(command, path); err != nil {
			return nil, fmt.Errorf("failed to read %s: %w", path, err)
		}
	}
	for name, values := range flags {
		if isList(name) {
			all[name] = append(all[name], values...)
		} else {
			all[name] = values
		}
	}
	for name, variable := range map[string]string{"token": "K3S_TOKEN", "token-file": "K3S_TOKEN_FILE", "server": "K3S_URL", "node-name": "K3S_NODE_NAME"} {
		if value := os.Getenv(variable); value != "" && len(all[name]) == 0 {
			all[name] = []string{value}
		}
	}
	return all, nil
}

func (c config) addFile(command, path string) error {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	} else if err != nil {
		return err
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(text, &values); err != nil {
		return err
	}
	for key, value := range values {
		name, more := strings.CutSuffix(key, "+")
		if !isKnown(command, name) {
			warn("Unknown flag --%s found in config.yaml, skipping", name)
			continue
		}
		var texts []string
		switch value := value.(type) {
		case nil:
			continue
		case []any:
			for _, each := range value {
				texts = append(texts, fmt.Sprint(each))
			}
		default:
			texts = []string{fmt.Sprint(value)}
		}
		if more {
			texts = append(c[name], texts...)
		}
		c[name] = texts
	}
	return nil
}

func readFlags(command string, args []string) (config, error) {
	flags := config{}
	for index := 0; index < len(args); index++ {
		name, value, inline := strings.Cut(strings.TrimLeft(args[index], "-"), "=")
		if !strings.HasPrefix(args[index], "-") || !isKnown(command, name) {
			return nil, fmt.Errorf("flag provided but not defined: %s", args[index])
		}
		if !inline {
			if isSwitch(name) {
				value = "true"
			} else if index++; index < len(args) {
				value = args[index]
			} else {
				return nil, fmt.Errorf("flag needs an argument: -%s", name)
			}
		}
		flags[name] = append(flags[name], value)
	}
	return flags, nil
}

func isKnown(command, name string) bool {
	for _, each := range append(append([]string{}, known[command]...), known[""]...) {
		if each == name {
			return true
		}
	}
	return false
}

func isSwitch(name string) bool {
	return name == "cluster-init" || name == "cluster-reset" || name == "with-node-id" || name == "debug" ||
		name == "rootless" || name == "selinux" || name == "protect-kernel-defaults" || name == "secrets-encryption" ||
		name == "tls-san-security" || name == "disable-apiserver-lb" ||
		strings.HasPrefix(name, "disable-") || name == "etcd-expose-metrics" || name == "etcd-disable-snapshots" || name == "etcd-snapshot-compress"
}

func isList(name string) bool {
	return strings.HasSuffix(name, "-arg") || name == "tls-san" || name == "node-label" || name == "node-taint" || name == "disable"
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// token is what the configuration says, or what the server kept from its first start.
func (c config) token(dataDir string) (string, error) {
	if token := c.text("token", ""); token != "" {
		return token, nil
	}
	if file := c.text("token-file", ""); file != "" {
		text, err := os.ReadFile(file)
		return strings.TrimRight(string(text), "\n"), err
	}
	text, err := os.ReadFile(filepath.Join(dataDir, "server", "token"))
	if err != nil && !os.IsNotExist(err) {
		return "", err
	}
	return strings.TrimRight(string(text), "\n"), nil
}

func (c config) nodeName() (string, error) {
	if name := c.text("node-name", ""); name != "" {
		return strings.ToLower(name), nil
	}
	name, err := os.Hostname()
	return strings.ToLower(name), err
}

// nodeIP is the configured one, else that of the default route.
func (c config) nodeIP() (string, error) {
	if ips := c.list("node-ip"); len(ips) > 0 {
		if net.ParseIP(ips[0]) == nil {
			return "", fmt.Errorf("invalid node-ip: %s", ips[0])
		}
		return ips[0], nil
	}
	conn, err := net.Dial("udp", "192.0.2.1:9")
	if err != nil {
		return "", fmt.Errorf("unable to select an IP from default routes: %w", err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).IP.String(), nil
}
