variable "service" {
  description = "Service that the volume belongs to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", var.service))
    error_message = "service is 1 to 63 lower-case letters, digits and \"-\", beginning and ending with a letter or digit. No \"_\": it stands between service and type in the name of the directory."
  }
}

variable "type" {
  description = "What the service keeps in it: data, config, …"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", var.type))
    error_message = "type is 1 to 63 lower-case letters, digits and \"-\", beginning and ending with a letter or digit."
  }
}

variable "size" {
  description = "Size that is asked for. Raising it raises the claim; Kubernetes refuses to lower it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]*([KMGTPE]i|[kMGTPE])?$", var.size))
    error_message = "size is a whole number of bytes or one with a unit, such as 500Mi, 10Gi or 2Ti."
  }
}

variable "namespace" {
  description = "Namespace of the claim. It must exist."
  type        = string
  default     = "default"
  nullable    = false
}

variable "storage_class_name" {
  description = "StorageClass of the claim: the output of the module nfs-provisioner, so that the class is there first."
  type        = string
  default     = "glusterfs-nfs"
  nullable    = false
}

variable "access_modes" {
  description = "How pods may mount it."
  type        = list(string)
  default     = ["ReadWriteMany"]
  nullable    = false

  validation {
    condition     = length(var.access_modes) > 0 && alltrue([for mode in var.access_modes : contains(["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"], mode)])
    error_message = "access_modes has at least one of \"ReadWriteOnce\", \"ReadOnlyMany\" and \"ReadWriteMany\". ReadWriteOncePod needs a CSI driver."
  }
}

variable "nfs_path" {
  description = "nfs_path of the module nfs-provisioner: where the directory is seen on the nodes."
  type        = string
  default     = "/storage/v"
  nullable    = false

  validation {
    condition     = can(regex("^(/[^\\s/=]+)+$", var.nfs_path))
    error_message = "nfs_path is an absolute path below /, without a \"/\" at its end, spaces or \"=\", such as /storage/v."
  }
}

variable "annotations" {
  description = "More annotations of the claim, such as those of growth (pvc-chonker.io/…)."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = !contains(keys(var.annotations), "volume-name")
    error_message = "annotations must not have \"volume-name\": it is made from service and type."
  }
}

variable "labels" {
  description = "Labels of the claim."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "protected" {
  description = "Whether Terraform refuses to destroy the claim. README.md beside this file says how to give one up."
  type        = bool
  default     = true
  nullable    = false
}

variable "growing" {
  description = "Whether something else than Terraform raises the size: then size counts at the creation only. Set it together with pvc-chonker.io/enabled, else the next plan wants the old size back."
  type        = bool
  default     = false
  nullable    = false
}

variable "wait_until_bound" {
  description = "Whether apply waits until the claim is Bound, five minutes at most. Not with a class that binds at the first pod: the claim waits for the pod and the pod for apply."
  type        = bool
  default     = false
  nullable    = false
}
