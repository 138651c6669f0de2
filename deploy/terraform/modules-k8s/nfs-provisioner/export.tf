# The whole export as a volume of its own, only where it needs mount options.

locals {
  # No StorageClass has this name: nothing but these two can meet by it, and no default class comes in between.
  export_class = "${local.cluster_name}-export"
}

resource "kubernetes_persistent_volume" "export" {
  count = local.mounted_by_claim ? 1 : 0

  metadata {
    name   = "${local.cluster_name}-export"
    labels = local.labels
  }

  spec {
    capacity                         = { storage = "1Mi" } # has to be written; nothing looks at it
    access_modes                     = ["ReadWriteMany"]
    mount_options                    = var.mount_options
    persistent_volume_reclaim_policy = "Retain"
    storage_class_name               = local.export_class

    persistent_volume_source {
      nfs {
        server = var.nfs_server
        path   = var.nfs_path
      }
    }
  }
}

resource "kubernetes_persistent_volume_claim" "export" {
  count = local.mounted_by_claim ? 1 : 0

  metadata {
    name      = "${local.name}-export"
    namespace = local.namespace
    labels    = local.labels
  }

  spec {
    access_modes       = ["ReadWriteMany"]
    storage_class_name = local.export_class
    volume_name        = kubernetes_persistent_volume.export[0].metadata[0].name

    resources {
      requests = { storage = "1Mi" }
    }
  }
}
