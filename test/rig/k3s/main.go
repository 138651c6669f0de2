// A program that takes the place of k3s on the machines of a rig, where the real one cannot be had: the same command
// line, configuration, files, token, supervisor and messages, and behind them a real etcd, kube-apiserver,
// kube-controller-manager and kubectl, which the rig puts at /opt/rig. It has no kubelet and runs no container: a node is
// registered, kept alive by its Lease and described, and that is all.
//
// Its version is written behind the program itself (k3s.ts), so that two versions are two files with two sums.
//
// What it imitates was read in k3s-io/k3s (pkg/etcd, pkg/cluster, pkg/clientaccess, pkg/nodepassword, pkg/cli) and
// docs.k3s.io in 2026-11.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Where the rig has the programs.
const toolsDir = "/opt/rig"

const trailer = "\x00k3s-version="

func main() {
	if len(os.Args) < 2 {
		fmt.Println("NAME:\n   k3s - Kubernetes, but small and simple")
		return
	}
	name, rest := os.Args[1], os.Args[2:]
	var err error
	switch name {
	case "--version", "-v":
		fmt.Printf("k3s version %s (rig)\ngo version %s\n", version(), runtime.Version())
	case "server":
		err = runServer(rest)
	case "agent":
		err = runAgent(rest)
	case "kubectl":
		err = kubectl(rest)
	case "etcd-snapshot":
		err = etcdSnapshot(rest)
	case "token":
		err = tokenCommand(rest)
	case "certificate":
		err = certificate(rest)
	default:
		fmt.Printf("No help topic for '%s'\n", name)
		os.Exit(3)
	}
	if err != nil {
		fatal("Error: %v", err)
	}
}

// Read at the start: an upgrade gives another file this name while the old one runs on.
var ownVersion = readVersion()

func version() string { return ownVersion }

func readVersion() string {
	path, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	file, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "unknown"
	}
	end := make([]byte, 128)
	if _, err := file.ReadAt(end, info.Size()-int64(len(end))); err != nil {
		return "unknown"
	}
	at := bytes.LastIndex(end, []byte(trailer))
	if at < 0 {
		return "unknown"
	}
	return strings.TrimSpace(string(end[at+len(trailer):]))
}

func kubectl(args []string) error {
	env := os.Environ()
	if os.Getenv("KUBECONFIG") == "" {
		env = append(env, "KUBECONFIG="+adminKubeconfig)
		if file, err := os.Open(adminKubeconfig); err != nil && os.IsPermission(err) {
			warn("Unable to read %s, please start server with --write-kubeconfig-mode or --write-kubeconfig-group to modify kube config permissions", adminKubeconfig)
		} else if err == nil {
			file.Close()
		}
	}
	path := filepath.Join(toolsDir, "kubectl")
	return syscall.Exec(path, append([]string{"kubectl"}, args...), env)
}

func say(level, format string, args ...any) {
	fmt.Fprintf(os.Stderr, "time=%q level=%s msg=%q\n", time.Now().UTC().Format(time.RFC3339), level, fmt.Sprintf(format, args...))
}

func info(format string, args ...any) { say("info", format, args...) }
func warn(format string, args ...any) { say("warning", format, args...) }

func fatal(format string, args ...any) {
	say("fatal", format, args...)
	stopChildren()
	os.Exit(1)
}
