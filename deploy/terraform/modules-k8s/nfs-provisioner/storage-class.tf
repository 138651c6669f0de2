resource "kubernetes_storage_class" "this" {
  count = var.provisioner_enabled ? 1 : 0

  metadata {
    name = var.storage_class_name
  }

  storage_provisioner    = var.provisioner_name
  reclaim_policy         = var.reclaim_policy
  volume_binding_mode    = "Immediate" # the directory is there before a pod is: any node can have it
  allow_volume_expansion = var.allow_volume_expansion
  mount_options          = var.mount_options

  parameters = merge(
    { pathPattern = var.path_pattern },
    var.on_delete == null ? {} : { onDelete = var.on_delete },
    local.peer ? {} : { adopt = var.adopt },
  )
}

# A class that was made before it had a number stays the same one.
moved {
  from = kubernetes_storage_class.this
  to   = kubernetes_storage_class.this[0]
}
