variable "service" {
  description = "Name of the test service; its directories are glusterfs_<service>_config and glusterfs_<service>_data."
  type        = string
  default     = "provisioner-test"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([-a-z0-9]{0,39}[a-z0-9])?$", var.service))
    error_message = "service is 1 to 41 lower-case letters, digits and \"-\", beginning and ending with a letter or digit."
  }
}

variable "namespace" {
  description = "Namespace of the claims and pods. It must exist."
  type        = string
  default     = "default"
  nullable    = false
}

variable "storage_class_name" {
  description = "StorageClass to try: the output of the module nfs-provisioner."
  type        = string
  default     = "glusterfs-nfs"
  nullable    = false
}

variable "nfs_path" {
  description = "nfs_path of the module nfs-provisioner."
  type        = string
  default     = "/storage/v"
  nullable    = false
}

variable "existing_path" {
  description = "A directory on the nodes that a service of yours has as hostPath, for the fourth case: mounted read-only, never written. null leaves this case out."
  type        = string
  default     = null

  validation {
    condition     = var.existing_path == null || can(regex("^(/[^\\s/]+)+$", var.existing_path))
    error_message = "existing_path is an absolute path of a directory that exists on the nodes, such as /storage/v/glusterfs_myapp_data, or null."
  }
}

variable "image" {
  description = "Image with a shell, cat, grep, mv and sleep."
  type        = string
  default     = "busybox:1.37"
  nullable    = false
}
