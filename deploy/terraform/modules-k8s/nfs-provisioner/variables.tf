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

variable "provisioner_enabled" {
  description = "False: no volumes are made, no class, and no export is wanted; what other drivers made is grown, and nothing else is done. The operator then needs less: no right to make a volume, no root, no mount."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.provisioner_enabled || var.kubelet != "off"
    error_message = "provisioner_enabled is false and kubelet is \"off\": nothing would be measured, so nothing would grow. Set kubelet to \"direct\" or \"proxy\"."
  }

  validation {
    condition     = var.provisioner_enabled || length(var.mount_options) == 0
    error_message = "provisioner_enabled is false and mount_options is set: nobody would mount the export. Leave one of the two out."
  }

  validation {
    condition     = var.provisioner_enabled || !strcontains(var.provisioner_image, "nfs-subdir-external-provisioner")
    error_message = "provisioner_enabled is false and provisioner_image is nfs-subdir-external-provisioner, which does nothing else. Leave one of the two out."
  }
}

variable "kubelet" {
  description = "How the usage of volumes that are no directories of Larder's is read: off, direct, or proxy (which gives the operator the whole API of every kubelet)."
  type        = string
  default     = "off"
  nullable    = false

  validation {
    condition     = contains(["off", "direct", "proxy"], var.kubelet)
    error_message = "kubelet is \"off\", \"direct\" or \"proxy\"."
  }
}

variable "kubelet_ca" {
  description = "With kubelet direct: file in the pod with the CA of the kubelets' serving certificates. The default is the CA of the cluster, which signs them where kubelets have serverTLSBootstrap: true."
  type        = string
  default     = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
  nullable    = false
}

variable "kubelet_insecure_tls" {
  description = "With kubelet direct: send the token of the operator to kubelets that cannot be verified."
  type        = bool
  default     = false
  nullable    = false
}

variable "webhook_enabled" {
  description = "Gives new claims the size that a policy or a group wants for them, and checks policies while they are written. Storage works without it. There is one in a cluster: a second module leaves it off."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.webhook_enabled || !strcontains(var.provisioner_image, "nfs-subdir-external-provisioner")
    error_message = "webhook_enabled is true and provisioner_image is nfs-subdir-external-provisioner, which has no webhook. Leave one of the two out."
  }
}

variable "webhook_excluded_namespaces" {
  description = "Namespaces in which claims are left alone, besides kube-system, kube-public, kube-node-lease and that of the provisioner."
  type        = list(string)
  default     = []
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
