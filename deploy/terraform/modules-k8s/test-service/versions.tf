terraform {
  required_version = ">= 1.9.0"

  required_providers {
    kubernetes = {
      source = "hashicorp/kubernetes"
      # As in ../nfs-provisioner.
      version = ">= 2.16.0, < 4.0.0"
    }
  }
}
