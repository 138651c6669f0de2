variable "namespace" {
  description = "Namespace of the provisioner, its ServiceAccount and its Lease. One provisioner for each namespace."
  type        = string
  default     = "larder-system"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace is a Kubernetes name: 1 to 63 lower-case letters, digits and \"-\", beginning and ending with a letter or digit."
  }
}

variable "create_namespace" {
  description = "Whether this module makes the namespace. Set it to false for one that exists already, such as kube-system."
  type        = bool
  default     = true
  nullable    = false
}

variable "nfs_server" {
  description = "NFS server as the nodes reach it. With NFS-Ganesha on every node: 127.0.0.1."
  type        = string
  default     = "127.0.0.1"
  nullable    = false

  validation {
    condition     = can(regex("^[^\\s/=]+$", var.nfs_server))
    error_message = "nfs_server is a host name or an IP address, without a path."
  }
}

variable "nfs_path" {
  description = "Exported path on the server; the directories of the volumes are made directly below it."
  type        = string
  default     = "/storage/v"
  nullable    = false

  validation {
    condition     = can(regex("^(/[^\\s/=]+)+$", var.nfs_path))
    error_message = "nfs_path is an absolute path below /, without a \"/\" at its end, spaces or \"=\", such as /storage/v."
  }
}

variable "mount_options" {
  description = "NFS mount options of the volumes and of the provisioner's own mount. For Ganesha on GlusterFS: [\"vers=4.1\", \"nosharecache\", \"softerr\", \"timeo=30\", \"retrans=3\"]."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for option in var.mount_options : can(regex("^[^\\s,]+$", option))])
    error_message = "mount_options is a list with one option in each element, without commas or spaces."
  }
}

variable "storage_class_name" {
  description = "Name of the StorageClass that claims ask for."
  type        = string
  default     = "glusterfs-nfs"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$", var.storage_class_name))
    error_message = "storage_class_name is a Kubernetes name: lower-case letters, digits, \"-\" and \".\", beginning and ending with a letter or digit."
  }
}

variable "provisioner_name" {
  description = "Provisioner of the StorageClass. Another one for a second provisioner in the same cluster, or the one of an nfs-subdir-external-provisioner that is taken over."
  type        = string
  default     = "larder.dev/directory"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?(/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$", var.provisioner_name))
    error_message = "provisioner_name is written NAME or DOMAIN/NAME, such as larder.dev/directory."
  }
}

variable "reclaim_policy" {
  description = "What happens to the directory when its claim is deleted. Retain: it stays in its place. Delete: what on_delete says."
  type        = string
  default     = "Retain"
  nullable    = false

  validation {
    condition     = contains(["Retain", "Delete"], var.reclaim_policy)
    error_message = "reclaim_policy is \"Retain\" or \"Delete\"."
  }
}

variable "on_delete" {
  description = "With reclaim_policy Delete: \"delete\" moves the directory to the trash, \"retain\" leaves it; null renames it to archived-…."
  type        = string
  default     = null

  validation {
    condition     = var.on_delete == null || contains(["delete", "retain"], coalesce(var.on_delete, "retain"))
    error_message = "on_delete is \"delete\", \"retain\" or null."
  }

  validation {
    condition     = var.on_delete == null || var.reclaim_policy == "Delete"
    error_message = "on_delete has an effect with reclaim_policy = \"Delete\" only: leave one of them out."
  }
}

variable "path_pattern" {
  description = "Name of the directory of a claim, below the export. In Terraform $${ is written $$${."
  type        = string
  default     = "glusterfs_$${.PVC.annotations.volume-name}"
  nullable    = false

  validation {
    condition     = strcontains(var.path_pattern, "$${.PVC.") || strcontains(var.path_pattern, "$${.PV.")
    error_message = "path_pattern needs a variable of the claim, such as $${.PVC.annotations.volume-name} (written with $$ in Terraform): without one all claims would get the same directory."
  }
}

variable "adopt" {
  description = "Which directories that hold data already a claim may take: any, listed (those of namespaces with the annotation larder.dev/adopt: \"true\"), or none. Where not all who make claims may read all directories: listed."
  type        = string
  default     = "any"
  nullable    = false

  validation {
    condition     = contains(["any", "listed", "none"], var.adopt)
    error_message = "adopt is \"any\", \"listed\" or \"none\"."
  }
}

variable "allow_volume_expansion" {
  description = "Whether the request of a claim may be raised, by hand or by growth."
  type        = bool
  default     = true
  nullable    = false
}

variable "provisioner_image" {
  description = "Image without its tag. An image whose name has nfs-subdir-external-provisioner in it gets the permissions of that program, and no arguments and probes of Larder."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-zA-Z0-9._/:-]*[a-z0-9]$", var.provisioner_image)) && !can(regex(":[^/]*$", var.provisioner_image))
    error_message = "provisioner_image is an image without tag or digest, such as registry.example.org/larder; the tag is provisioner_tag."
  }
}

variable "provisioner_tag" {
  description = "Tag of the image."
  type        = string
  default     = "0.1.0"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", var.provisioner_tag))
    error_message = "provisioner_tag is a tag: letters, digits, \"_\", \".\" and \"-\", at most 128."
  }
}
