output "storage_class_name" {
  description = "For storage_class_name of claims; known when the class is there."
  value       = kubernetes_storage_class.this.metadata[0].name
}

output "provisioner_name" {
  description = "Provisioner that the class names and the Deployment answers to."
  value       = kubernetes_storage_class.this.storage_provisioner
}

output "namespace" {
  description = "Where the provisioner runs."
  value       = local.namespace
}

output "service_account_name" {
  description = "Account that the provisioner uses."
  value       = kubernetes_service_account.this.metadata[0].name
}
