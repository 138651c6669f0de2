# One pod that makes the directories, and grows volumes. It mounts the export, and nothing of the node.

locals {
  name   = "larder"
  image  = "${var.provisioner_image}:${var.provisioner_tag}"
  mount  = "/persistentvolumes"
  labels = { "app.kubernetes.io/name" = local.name, "app.kubernetes.io/instance" = var.namespace }

  # Names of what is not in a namespace, so that a second provisioner finds them free.
  cluster_name = var.namespace == "larder-system" ? local.name : "${local.name}-${var.namespace}"

  # Not var.namespace, so that all else waits until it is there.
  namespace = var.create_namespace ? kubernetes_namespace.this[0].metadata[0].name : var.namespace

  # The same environment and mount serve nfs-subdir-external-provisioner, which has other needs and no HTTP port.
  peer = strcontains(var.provisioner_image, "nfs-subdir-external-provisioner")

  # A volume inside of a pod cannot carry mount options; one that is claimed can.
  mounted_by_claim = var.provisioner_enabled && length(var.mount_options) > 0

  # Without exports there are no directories to give to somebody: no root, no capability.
  user = var.provisioner_enabled ? 0 : 65532

  cluster_rules = {
    provisioner-off    = local.larder_off_rules
    provisioner-direct = local.larder_direct_rules
    provisioner-proxy  = local.larder_proxy_rules
    growth-off         = local.larder_growth_off_rules
    growth-direct      = local.larder_growth_direct_rules
    growth-proxy       = local.larder_growth_proxy_rules
  }["${var.provisioner_enabled ? "provisioner" : "growth"}-${var.kubelet}"]

  args = concat(
    ["operator", "--host", "0.0.0.0", "--port", "8080"],
    var.provisioner_enabled ? [] : ["--no-provisioner"],
    var.kubelet == "off" ? [] : ["--kubelet", var.kubelet],
    var.kubelet != "direct" ? [] : var.kubelet_insecure_tls ? ["--kubelet-insecure-tls"] : ["--kubelet-ca", var.kubelet_ca],
    var.webhook_enabled ? ["--enable-webhook", "--webhook-port", tostring(local.webhook_port)] : [],
  )

  export_env = var.provisioner_enabled ? {
    PROVISIONER_NAME = var.provisioner_name
    NFS_SERVER       = var.nfs_server
    NFS_PATH         = var.nfs_path
  } : {}
}

resource "kubernetes_namespace" "this" {
  count = var.create_namespace ? 1 : 0

  metadata {
    name = var.namespace
    # As much as the pod below may have: root with three capabilities, or neither.
    labels = { "pod-security.kubernetes.io/enforce" = var.provisioner_enabled ? "baseline" : "restricted" }
  }
}

resource "kubernetes_service_account" "this" {
  metadata {
    name      = local.name
    namespace = local.namespace
    labels    = local.labels
  }
}

resource "kubernetes_cluster_role" "this" {
  metadata {
    name   = local.cluster_name
    labels = local.labels
  }

  dynamic "rule" {
    for_each = local.peer ? local.peer_cluster_rules : local.cluster_rules
    content {
      api_groups     = rule.value.api_groups
      resources      = rule.value.resources
      resource_names = rule.value.resource_names
      verbs          = rule.value.verbs
    }
  }
}

resource "kubernetes_cluster_role_binding" "this" {
  metadata {
    name   = local.cluster_name
    labels = local.labels
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role.this.metadata[0].name
  }

  subject {
    kind      = "ServiceAccount"
    name      = kubernetes_service_account.this.metadata[0].name
    namespace = local.namespace
  }
}

resource "kubernetes_role" "this" {
  metadata {
    name      = local.name
    namespace = local.namespace
    labels    = local.labels
  }

  dynamic "rule" {
    for_each = local.peer ? local.peer_lock_rules : local.larder_lock_rules
    content {
      api_groups     = rule.value.api_groups
      resources      = rule.value.resources
      resource_names = rule.value.resource_names
      verbs          = rule.value.verbs
    }
  }
}

resource "kubernetes_role_binding" "this" {
  metadata {
    name      = local.name
    namespace = local.namespace
    labels    = local.labels
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role.this.metadata[0].name
  }

  subject {
    kind      = "ServiceAccount"
    name      = kubernetes_service_account.this.metadata[0].name
    namespace = local.namespace
  }
}

resource "kubernetes_deployment" "this" {
  metadata {
    name      = local.name
    namespace = local.namespace
    labels    = local.labels
  }

  spec {
    replicas = 1

    # The old pod is gone before the new one starts: two of the peer's would both work while they elect a leader.
    strategy {
      type = "Recreate"
    }

    selector {
      match_labels = local.labels
    }

    template {
      metadata {
        labels = local.labels
      }

      spec {
        service_account_name             = kubernetes_service_account.this.metadata[0].name
        automount_service_account_token  = true
        termination_grace_period_seconds = 30

        security_context {
          seccomp_profile {
            type = "RuntimeDefault"
          }
        }

        container {
          name  = local.name
          image = local.image
          args  = local.peer ? [] : local.args

          dynamic "env" {
            for_each = [for name in ["PROVISIONER_NAME", "NFS_SERVER", "NFS_PATH"] : name if var.provisioner_enabled]
            content {
              name  = env.value
              value = local.export_env[env.value]
            }
          }
          env {
            name  = "ENABLE_LEADER_ELECTION"
            value = "true"
          }
          env {
            name = "POD_NAMESPACE"
            value_from {
              field_ref {
                field_path = "metadata.namespace"
              }
            }
          }
          env {
            name = "NODE_NAME"
            value_from {
              field_ref {
                field_path = "spec.nodeName"
              }
            }
          }

          dynamic "port" {
            for_each = local.peer ? [] : [8080]
            content {
              name           = "http"
              container_port = port.value
            }
          }

          dynamic "port" {
            for_each = var.webhook_enabled ? [local.webhook_port] : []
            content {
              name           = "webhook"
              container_port = port.value
            }
          }

          # Neither touches the export: a server that hangs must not get the pod killed.
          dynamic "liveness_probe" {
            for_each = local.peer ? [] : ["/healthz"]
            content {
              http_get {
                path = liveness_probe.value
                port = 8080
              }
              initial_delay_seconds = 10
              period_seconds        = 10
              timeout_seconds       = 5
              failure_threshold     = 6
            }
          }
          dynamic "readiness_probe" {
            for_each = local.peer ? [] : ["/readyz"]
            content {
              http_get {
                path = readiness_probe.value
                port = 8080
              }
              period_seconds  = 5
              timeout_seconds = 5
            }
          }

          resources {
            requests = { cpu = "50m", memory = "192Mi" }
            limits   = { cpu = "1", memory = "512Mi" }
          }

          # Root with three capabilities: directories get the owner and mode that the class asks for, whoever has them.
          security_context {
            run_as_user                = local.user
            run_as_non_root            = local.user != 0
            allow_privilege_escalation = false
            read_only_root_filesystem  = true
            capabilities {
              drop = ["ALL"]
              add  = local.user == 0 ? ["CHOWN", "DAC_OVERRIDE", "FOWNER"] : []
            }
          }

          dynamic "volume_mount" {
            for_each = var.provisioner_enabled ? [local.mount] : []
            content {
              name       = "export"
              mount_path = volume_mount.value
            }
          }
        }

        dynamic "volume" {
          for_each = var.provisioner_enabled ? ["export"] : []
          content {
            name = volume.value

            dynamic "nfs" {
              for_each = local.mounted_by_claim ? [] : [var.nfs_path]
              content {
                server = var.nfs_server
                path   = nfs.value
              }
            }
            dynamic "persistent_volume_claim" {
              for_each = kubernetes_persistent_volume_claim.export
              content {
                claim_name = persistent_volume_claim.value.metadata[0].name
              }
            }
          }
        }
      }
    }
  }

  timeouts {
    create = "5m"
    update = "5m"
  }

  # It works from its first second, and takes down what it made with its permissions still there.
  depends_on = [
    kubernetes_cluster_role_binding.this,
    kubernetes_role_binding.this,
    kubernetes_cluster_role_binding.webhook,
    kubernetes_role_binding.webhook,
  ]
}
