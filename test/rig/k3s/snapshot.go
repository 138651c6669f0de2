package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/snapshot"
	restore "go.etcd.io/etcd/etcdutl/v3/snapshot"
)

func etcdSnapshot(args []string) error {
	if len(args) == 0 {
		return errors.New("etcd-snapshot needs save, ls or delete")
	}
	config, err := readConfig("server", rename(args[1:]))
	if err != nil && args[0] != "delete" {
		return err
	}
	s := &server{config: config, data: config.text("data-dir", defaultDataDir)}
	s.dir = filepath.Join(s.data, "server")
	s.tls = filepath.Join(s.dir, "tls")
	folder := config.text("etcd-snapshot-dir", filepath.Join(s.dir, "db", "snapshots"))
	switch args[0] {
	case "save":
		return s.saveSnapshot(folder)
	case "ls", "list", "l":
		return listSnapshots(folder)
	case "delete":
		for _, name := range args[1:] {
			if err := os.Remove(filepath.Join(folder, filepath.Base(name))); err != nil {
				return err
			}
			info("Snapshot %s deleted.", name)
		}
		return nil
	}
	return fmt.Errorf("No help topic for '%s'", args[0])
}

// rename gives the short flags of the command their long names.
func rename(args []string) []string {
	long := map[string]string{"--name": "--etcd-snapshot-name", "--dir": "--etcd-snapshot-dir"}
	all := make([]string, len(args))
	for index, each := range args {
		all[index] = each
		for short, name := range long {
			if each == short {
				all[index] = name
			} else if len(each) > len(short) && each[:len(short)+1] == short+"=" {
				all[index] = name + each[len(short):]
			}
		}
	}
	return all
}

func (s *server) saveSnapshot(folder string) error {
	if !s.initialized() {
		return fmt.Errorf("etcd database not found in %s", s.dir)
	}
	name, err := s.config.nodeName()
	if err != nil {
		return err
	}
	path := filepath.Join(folder, fmt.Sprintf("%s-%s-%d", s.config.text("etcd-snapshot-name", "on-demand"), name, time.Now().Unix()))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(s.tls, "etcd/client.crt"), filepath.Join(s.tls, "etcd/client.key"))
	if err != nil {
		return err
	}
	probe, err := s.etcdClient(localEtcd)
	if err != nil {
		return err
	}
	defer probe.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, err := probe.Status(ctx, localEtcd); err != nil {
		return fmt.Errorf("failed to request snapshot: %w", err)
	}
	authority := clientOf(mustRead(filepath.Join(s.tls, "etcd/server-ca.crt")), []tls.Certificate{pair})
	settings := clientv3.Config{Endpoints: []string{localEtcd}, DialTimeout: 5 * time.Second, TLS: transportTLS(authority), Logger: quiet}
	if _, err := snapshot.SaveWithVersion(ctx, quiet, settings, path); err != nil {
		return err
	}
	info("Snapshot %s saved.", filepath.Base(path))
	return nil
}

func listSnapshots(folder string) error {
	files, err := os.ReadDir(folder)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprint(table, "Name\tLocation\tSize\tCreated\n")
	for _, each := range files {
		about, err := each.Info()
		if err != nil || about.IsDir() {
			continue
		}
		fmt.Fprintf(table, "%s\tfile://%s\t%d\t%s\n", each.Name(), filepath.Join(folder, each.Name()), about.Size(), about.ModTime().UTC().Format(time.RFC3339))
	}
	return table.Flush()
}

// reset makes a cluster of this member alone, from its own data or from a snapshot, and ends.
func (s *server) reset() error {
	flag := filepath.Join(s.dir, "db", "reset-flag")
	if exists(flag) {
		return fmt.Errorf("Managed etcd cluster membership was previously reset, please remove the cluster-reset flag and start k3s normally. If you need to perform another cluster reset, you must first manually delete the file at %s", flag)
	}
	if s.config.text("server", "") != "" {
		return errors.New("cannot perform cluster-reset while server URL is set - remove server from configuration before resetting")
	}
	text, err := s.config.token(s.data)
	if err != nil {
		return err
	}
	if text == "" {
		return fmt.Errorf("%s does not exist, please pass --token to complete the restoration", filepath.Join(s.dir, "token"))
	}
	if s.token, err = parseToken(text); err != nil {
		return err
	}
	if err := s.restoreSnapshot(s.config.text("cluster-reset-restore-path", "")); err != nil {
		return err
	}
	if !s.initialized() {
		return fmt.Errorf("etcd database not found in %s", s.dir)
	}
	if err := makeAuthorities(s.tls); err != nil {
		return err
	}
	if err := makeLeaves(s.tls, []string{"localhost", s.name}, ipsOf("127.0.0.1", apiAddress, s.ip)); err != nil {
		return err
	}
	if err := write(flag, nil, 0o600); err != nil {
		return err
	}
	return s.aloneAgain()
}

// restoreSnapshot keeps the database that was there beside the new one.
func (s *server) restoreSnapshot(path string) error {
	var err error
	if path == "" {
		s.member, err = s.memberName(false)
		return err
	}
	about, err := os.Stat(path)
	if os.IsNotExist(err) {
		return fmt.Errorf("etcd: snapshot path does not exist: %s", path)
	} else if err != nil {
		return err
	}
	if about.IsDir() {
		return fmt.Errorf("etcd: snapshot path must be a file, not a directory: %s", path)
	}
	db := filepath.Join(s.dir, "db", "etcd")
	if exists(db) {
		old := fmt.Sprintf("%s-old-%d", db, time.Now().Unix())
		if err := os.Rename(db, old); err != nil {
			return err
		}
		info("Pre-restore etcd database moved to %s", old)
	}
	member := s.name + "-" + randomText(4)
	err = restore.NewV3(quiet).Restore(restore.RestoreConfig{
		SnapshotPath: path, Name: member, OutputDataDir: db, PeerURLs: []string{s.peerURL()},
		InitialCluster: member + "=" + s.peerURL(), InitialClusterToken: "etcd-cluster",
	})
	if err != nil {
		return err
	}
	s.member = member
	return write(filepath.Join(db, "name"), []byte(member), 0o600)
}

func (s *server) aloneAgain() error {
	if err := s.run("etcd", append(s.etcdFlags("", ""), "--force-new-cluster")); err != nil {
		return err
	}
	etcd, err := s.etcdClient(localEtcd)
	if err != nil {
		return err
	}
	s.waitForEtcd(etcd)
	if err := s.reconcile(etcd, true); err != nil {
		return fmt.Errorf("failed to bootstrap cluster data: failed to reconcile with local datastore: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	members, err := etcd.MemberList(ctx)
	if err != nil {
		return err
	}
	if len(members.Members) != 1 {
		return fmt.Errorf("etcd still has more than one member")
	}
	if _, err := etcd.MemberUpdate(ctx, members.Members[0].ID, []string{s.peerURL()}); err != nil {
		return err
	}
	stopChildren()
	info("Managed etcd cluster membership has been reset, restart without --cluster-reset flag now. Backup and delete ${datadir}/server/db on each peer etcd server and rejoin the nodes")
	return nil
}
