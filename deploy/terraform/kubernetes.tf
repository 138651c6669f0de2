# The provisioner, a volume and a service that tries them, in one apply. Copy what you need; the modules are beside this
# file. `terraform` here is Terraform 1.9 or newer, or OpenTofu (`tofu`).

terraform {
  required_version = ">= 1.9.0"

  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = ">= 2.16.0, < 4.0.0"
    }
  }
}

variable "kubeconfig" {
  description = "How to reach the cluster."
  type        = string
  default     = "~/.kube/config"
}

variable "provisioner_image" {
  description = "Where the image of Larder is that you have built (deploy/docker/Dockerfile), without its tag."
  type        = string
}

provider "kubernetes" {
  config_path = pathexpand(var.kubeconfig)
}

module "nfs_provisioner" {
  source = "./modules-k8s/nfs-provisioner"

  nfs_server = "127.0.0.1" # as every node reaches it; with Ganesha on each node, itself
  nfs_path   = "/storage/v"

  provisioner_image = var.provisioner_image
}

module "myapp_data" {
  source = "./modules-k8s/volume"

  service            = "myapp"
  type               = "data"
  size               = "10Gi"
  storage_class_name = module.nfs_provisioner.storage_class_name
}

module "test_service" {
  source = "./modules-k8s/test-service"

  storage_class_name = module.nfs_provisioner.storage_class_name
}

output "myapp_data" {
  description = "What a Deployment of myapp mounts, and where it is on the nodes."
  value       = { claim = module.myapp_data.name, path = module.myapp_data.path }
}
