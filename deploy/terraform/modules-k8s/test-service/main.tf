# A service that tries the storage class: apply ends well when its pods are ready, and they are ready when their case
# holds. What does not hold stands in `kubectl describe pod` below "Message".

locals {
  labels = { "app.kubernetes.io/name" = var.service }
}

# Case 1: claims make their directories. Case 2: they have the names of the convention.
module "config" {
  source = "../volume"

  service            = var.service
  type               = "config"
  size               = "10Mi"
  namespace          = var.namespace
  storage_class_name = var.storage_class_name
  nfs_path           = var.nfs_path
  protected          = false # nothing in it is worth it
}

module "data" {
  source = "../volume"

  service            = var.service
  type               = "data"
  size               = "10Mi"
  namespace          = var.namespace
  storage_class_name = var.storage_class_name
  nfs_path           = var.nfs_path
  protected          = false
}

# Case 3: a pod reads what it wrote, as an ordinary user.
resource "kubernetes_deployment" "claims" {
  metadata {
    name      = var.service
    namespace = var.namespace
    labels    = local.labels
  }

  spec {
    replicas = 1

    selector {
      match_labels = merge(local.labels, { case = "claims" })
    }

    template {
      metadata {
        labels = merge(local.labels, { case = "claims" })
      }

      spec {
        security_context {
          seccomp_profile {
            type = "RuntimeDefault"
          }
        }

        container {
          name  = "test"
          image = var.image
          command = ["sh", "-c", <<-EOT
            set -u
            failed() { echo "$*" > /dev/termination-log; exit 1; }
            grep -q ":${module.config.path} /config " /proc/mounts || failed "case 2: /config is not ${module.config.path}: $(grep ' /config ' /proc/mounts)"
            grep -q ":${module.data.path} /data " /proc/mounts || failed "case 2: /data is not ${module.data.path}: $(grep ' /data ' /proc/mounts)"
            for place in /config /data; do
              echo "written by $HOSTNAME" > "$place/new" || failed "case 3: cannot write in $place as uid $(id -u)"
              mv "$place/new" "$place/test" || failed "case 3: cannot rename in $place"
              [ "$(cat "$place/test")" = "written by $HOSTNAME" ] || failed "case 3: $place/test reads otherwise than it was written"
            done
            touch /tmp/passed
            exec sleep 2147483647
          EOT
          ]

          readiness_probe {
            exec {
              command = ["test", "-e", "/tmp/passed"]
            }
            period_seconds = 2
          }

          resources {
            requests = { cpu = "10m", memory = "16Mi" }
            limits   = { cpu = "100m", memory = "32Mi" }
          }

          security_context {
            run_as_non_root            = true
            run_as_user                = 65534
            allow_privilege_escalation = false
            capabilities {
              drop = ["ALL"]
            }
          }

          volume_mount {
            name       = "config"
            mount_path = "/config"
          }
          volume_mount {
            name       = "data"
            mount_path = "/data"
          }
        }

        volume {
          name = "config"
          persistent_volume_claim {
            claim_name = module.config.name
          }
        }
        volume {
          name = "data"
          persistent_volume_claim {
            claim_name = module.data.name
          }
        }
      }
    }
  }

  timeouts {
    create = "3m"
    update = "3m"
  }
}

# Case 4: a service with a hostPath works on beside them.
resource "kubernetes_deployment" "host_path" {
  count = var.existing_path == null ? 0 : 1

  metadata {
    name      = "${var.service}-host-path"
    namespace = var.namespace
    labels    = local.labels
  }

  spec {
    replicas = 1

    selector {
      match_labels = merge(local.labels, { case = "host-path" })
    }

    template {
      metadata {
        labels = merge(local.labels, { case = "host-path" })
      }

      spec {
        security_context {
          seccomp_profile {
            type = "RuntimeDefault"
          }
        }

        container {
          name  = "test"
          image = var.image
          command = ["sh", "-c", <<-EOT
            ls /existing > /dev/null || { echo "case 4: cannot read ${var.existing_path}" > /dev/termination-log; exit 1; }
            touch /tmp/passed
            exec sleep 2147483647
          EOT
          ]

          readiness_probe {
            exec {
              command = ["test", "-e", "/tmp/passed"]
            }
            period_seconds = 2
          }

          resources {
            requests = { cpu = "10m", memory = "16Mi" }
            limits   = { cpu = "100m", memory = "32Mi" }
          }

          security_context {
            allow_privilege_escalation = false
            capabilities {
              drop = ["ALL"]
              add  = ["DAC_OVERRIDE"] # whoever owns the directory
            }
          }

          volume_mount {
            name       = "existing"
            mount_path = "/existing"
            read_only  = true
          }
        }

        volume {
          name = "existing"
          host_path {
            path = var.existing_path
            type = "Directory" # never made here
          }
        }
      }
    }
  }

  timeouts {
    create = "3m"
    update = "3m"
  }
}
