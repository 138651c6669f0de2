# What nfs-subdir-external-provisioner asks of the API, where its image is used.

locals {
  peer_cluster_rules = [
    { api_groups = [""], resources = ["nodes"], resource_names = [], verbs = ["get", "list", "watch"] },
    { api_groups = [""], resources = ["persistentvolumes"], resource_names = [], verbs = ["get", "list", "watch", "create", "delete"] },
    { api_groups = [""], resources = ["persistentvolumeclaims"], resource_names = [], verbs = ["get", "list", "watch", "update"] },
    { api_groups = ["storage.k8s.io"], resources = ["storageclasses"], resource_names = [], verbs = ["get", "list", "watch"] },
    { api_groups = [""], resources = ["events"], resource_names = [], verbs = ["create", "update", "patch"] },
  ]

  # Its lock: Endpoints until 4.0.2, a Lease in later builds.
  peer_lock_rules = [
    { api_groups = [""], resources = ["endpoints"], resource_names = [], verbs = ["get", "list", "watch", "create", "update", "patch"] },
    { api_groups = ["coordination.k8s.io"], resources = ["leases"], resource_names = [], verbs = ["get", "create", "update"] },
  ]
}
