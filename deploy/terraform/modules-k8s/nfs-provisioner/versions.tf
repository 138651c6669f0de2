terraform {
  required_version = ">= 1.9.0"

  required_providers {
    kubernetes = {
      source = "hashicorp/kubernetes"
      # The names without _v1: in 3.x they are said to be deprecated, but they are the same from 2.x on.
      version = ">= 2.16.0, < 4.0.0"
    }
  }
}
