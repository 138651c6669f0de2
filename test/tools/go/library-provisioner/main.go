// A provisioner of directories on sig-storage-lib-external-provisioner, the library that nfs-subdir-external-provisioner
// is made of, in the version that it has, with the library's defaults (it elects a leader) and client-go's: a peer for
// benches. It does what any provisioner on that library does for a claim, and nothing else: a directory, and a volume that
// names it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v8/controller"
)

const library = "sigs.k8s.io/sig-storage-lib-external-provisioner/v8"

type directories struct{ export, server, path string }

func (d directories) Provision(_ context.Context, options controller.ProvisionOptions) (*v1.PersistentVolume, controller.ProvisioningState, error) {
	name := strings.Join([]string{options.PVC.Namespace, options.PVC.Name, options.PVName}, "-")
	folder := filepath.Join(d.export, name)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	if err := os.Chmod(folder, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	return &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: options.PVName},
		Spec: v1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			AccessModes:                   options.PVC.Spec.AccessModes,
			MountOptions:                  options.StorageClass.MountOptions,
			Capacity:                      v1.ResourceList{v1.ResourceStorage: options.PVC.Spec.Resources.Requests[v1.ResourceStorage]},
			PersistentVolumeSource: v1.PersistentVolumeSource{
				NFS: &v1.NFSVolumeSource{Server: d.server, Path: filepath.Join(d.path, name)},
			},
		},
	}, controller.ProvisioningFinished, nil
}

func (directories) Delete(context.Context, *v1.PersistentVolume) error {
	return errors.New("a bench deletes nothing")
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "of the cluster")
	name := flag.String("provisioner", "example.com/library", "that its classes name")
	export := flag.String("export", "", "folder of its directories")
	version := flag.Bool("version", false, "print the version of the library")
	flag.Parse()
	if *version {
		info, _ := debug.ReadBuildInfo()
		for _, dependency := range info.Deps {
			if dependency.Path == library {
				fmt.Println(dependency.Path, dependency.Version)
			}
		}
		return
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	client := kubernetes.NewForConfigOrDie(config)
	ctx := context.Background()
	provisioner := directories{export: *export, server: "nas", path: "/v"}
	controller.NewProvisionController(client, *name, provisioner).Run(ctx)
}
