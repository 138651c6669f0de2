# One claim, and by its name one directory.
#
# prevent_destroy takes only a literal, so there is one block for each kind of claim, and one of them makes it. The key
# is the path of the directory: an error of Terraform says only the address of a resource, and this way the path is in it.

locals {
  claim     = "${var.service}-${var.type}"
  directory = "glusterfs_${var.service}_${var.type}"
  path      = "${var.nfs_path}/${local.directory}"

  annotations = merge(var.annotations, { "volume-name" = "${var.service}_${var.type}" })
  kind        = "${var.protected ? "protected" : "unprotected"}${var.growing ? "_growing" : ""}"
  made = one(concat(
    values(kubernetes_persistent_volume_claim.protected),
    values(kubernetes_persistent_volume_claim.unprotected),
    values(kubernetes_persistent_volume_claim.protected_growing),
    values(kubernetes_persistent_volume_claim.unprotected_growing),
  ))
}

resource "kubernetes_persistent_volume_claim" "protected" {
  for_each = toset(local.kind == "protected" ? [local.path] : [])

  metadata {
    name        = local.claim
    namespace   = var.namespace
    annotations = local.annotations
    labels      = var.labels
  }

  spec {
    access_modes       = var.access_modes
    storage_class_name = var.storage_class_name

    resources {
      requests = { storage = var.size }
    }
  }

  # Where apply waits in vain, the claim counts as broken, and the next apply would make it anew.
  wait_until_bound = var.wait_until_bound

  lifecycle {
    prevent_destroy = true
  }
}

resource "kubernetes_persistent_volume_claim" "unprotected" {
  for_each = toset(local.kind == "unprotected" ? [local.path] : [])

  metadata {
    name        = local.claim
    namespace   = var.namespace
    annotations = local.annotations
    labels      = var.labels
  }

  spec {
    access_modes       = var.access_modes
    storage_class_name = var.storage_class_name

    resources {
      requests = { storage = var.size }
    }
  }

  # Where apply waits in vain, the claim counts as broken, and the next apply would make it anew.
  wait_until_bound = var.wait_until_bound

}

resource "kubernetes_persistent_volume_claim" "protected_growing" {
  for_each = toset(local.kind == "protected_growing" ? [local.path] : [])

  metadata {
    name        = local.claim
    namespace   = var.namespace
    annotations = local.annotations
    labels      = var.labels
  }

  spec {
    access_modes       = var.access_modes
    storage_class_name = var.storage_class_name

    resources {
      requests = { storage = var.size }
    }
  }

  # Where apply waits in vain, the claim counts as broken, and the next apply would make it anew.
  wait_until_bound = var.wait_until_bound

  lifecycle {
    prevent_destroy = true
    ignore_changes = [
      spec[0].resources[0].requests,
      metadata[0].annotations["pvc-chonker.io/history"],
      metadata[0].annotations["pvc-chonker.io/last-expansion"],
    ]
  }
}

resource "kubernetes_persistent_volume_claim" "unprotected_growing" {
  for_each = toset(local.kind == "unprotected_growing" ? [local.path] : [])

  metadata {
    name        = local.claim
    namespace   = var.namespace
    annotations = local.annotations
    labels      = var.labels
  }

  spec {
    access_modes       = var.access_modes
    storage_class_name = var.storage_class_name

    resources {
      requests = { storage = var.size }
    }
  }

  # Where apply waits in vain, the claim counts as broken, and the next apply would make it anew.
  wait_until_bound = var.wait_until_bound

  lifecycle {
    ignore_changes = [
      spec[0].resources[0].requests,
      metadata[0].annotations["pvc-chonker.io/history"],
      metadata[0].annotations["pvc-chonker.io/last-expansion"],
    ]
  }
}
