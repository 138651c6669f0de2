package main

import (
	"fmt"
	"strings"
	"time"
)

const (
	memberAnnotation  = "etcd.k3s.cattle.io/node-name"
	addressAnnotation = "etcd.k3s.cattle.io/node-address"
	removeAnnotation  = "etcd.k3s.cattle.io/remove"
	removedAnnotation = "etcd.k3s.cattle.io/removed-node-name"
	etcdRole          = "node-role.kubernetes.io/etcd"
	memberFinalizer   = "wrangler.cattle.io/managed-etcd-controller"
	nodeFinalizer     = "wrangler.cattle.io/node"
)

type nodeObject struct {
	Metadata struct {
		Name              string            `json:"name"`
		Labels            map[string]string `json:"labels"`
		Annotations       map[string]string `json:"annotations"`
		Finalizers        []string          `json:"finalizers"`
		DeletionTimestamp string            `json:"deletionTimestamp"`
	} `json:"metadata"`
}

// controllers mark this server's node, take the member of a deleted node out of etcd, and forget the node's password.
func (s *server) controllers() {
	for ; ; time.Sleep(time.Second) {
		var list struct{ Items []nodeObject }
		if err := s.api.send("GET", "/api/v1/nodes", nil, &list); err != nil {
			warn("failed to list nodes: %v", err)
			continue
		}
		for _, each := range list.Items {
			if err := s.handle(each, len(list.Items) > 1); err != nil {
				warn("node %s: %v", each.Metadata.Name, err)
			}
		}
	}
}

func (s *server) handle(node nodeObject, others bool) error {
	meta := node.Metadata
	switch own := meta.Name == s.name; {
	case meta.DeletionTimestamp != "" && own && others:
		return nil // another server takes this member out
	case meta.DeletionTimestamp != "":
		return s.forget(node)
	case strings.EqualFold(meta.Annotations[removeAnnotation], "true") && meta.Annotations[removedAnnotation] == "" && meta.Annotations[memberAnnotation] != "":
		return s.removeAsked(node)
	case own && (meta.Annotations[memberAnnotation] != s.member || meta.Labels[etcdRole] != "true") && meta.Annotations[removedAnnotation] != s.member:
		return s.mark(node)
	case meta.Labels[etcdRole] == "true" && !has(meta.Finalizers, memberFinalizer):
		return s.finalizers(node, append(meta.Finalizers, memberFinalizer))
	case !has(meta.Finalizers, nodeFinalizer):
		return s.finalizers(node, append(meta.Finalizers, nodeFinalizer))
	}
	return nil
}

func (s *server) patch(name string, metadata map[string]any) error {
	return s.api.send("PATCH", "/api/v1/nodes/"+name, map[string]any{"metadata": metadata}, nil)
}

func (s *server) mark(node nodeObject) error {
	return s.patch(node.Metadata.Name, map[string]any{
		"labels":      map[string]string{etcdRole: "true", "node-role.kubernetes.io/control-plane": "true"},
		"annotations": map[string]any{memberAnnotation: s.member, addressAnnotation: s.ip, removeAnnotation: nil, removedAnnotation: nil},
	})
}

func (s *server) removeAsked(node nodeObject) error {
	name := node.Metadata.Annotations[memberAnnotation]
	if err := s.removeMember(name); err != nil {
		return err
	}
	return s.patch(node.Metadata.Name, map[string]any{
		"annotations": map[string]any{removedAnnotation: name, memberAnnotation: nil, addressAnnotation: nil},
	})
}

func (s *server) forget(node nodeObject) error {
	meta := node.Metadata
	if meta.Labels[etcdRole] == "true" && has(meta.Finalizers, memberFinalizer) && meta.Annotations[removedAnnotation] == "" {
		info("Removing etcd member %s from cluster", meta.Name)
		name := meta.Annotations[memberAnnotation]
		if name == "" {
			return fmt.Errorf("node name annotation for node %s not found", meta.Name)
		}
		if err := s.removeMember(name); err != nil {
			return err
		}
	}
	err := s.api.send("DELETE", "/api/v1/namespaces/kube-system/secrets/"+meta.Name+".node-password.k3s", nil, nil)
	if err != nil && !isStatus(err, 404) {
		return err
	}
	var rest []string
	for _, each := range meta.Finalizers {
		if each != memberFinalizer && each != nodeFinalizer {
			rest = append(rest, each)
		}
	}
	if err := s.finalizers(node, rest); err != nil && !isStatus(err, 404) {
		return err
	}
	return nil
}

func (s *server) finalizers(node nodeObject, all []string) error {
	return s.patch(node.Metadata.Name, map[string]any{"finalizers": all})
}

func has(all []string, wanted string) bool {
	for _, each := range all {
		if each == wanted {
			return true
		}
	}
	return false
}
