output "storage_class_name" {
  description = "For storage_class_name of claims; known when the class is there. Null without a provisioner."
  value       = var.provisioner_enabled ? kubernetes_storage_class.this[0].metadata[0].name : null
}

output "provisioner_name" {
  description = "Provisioner that the class names and the Deployment answers to. Null without a provisioner."
  value       = var.provisioner_enabled ? kubernetes_storage_class.this[0].storage_provisioner : null
}

output "namespace" {
  description = "Where the provisioner runs."
  value       = local.namespace
}

output "service_account_name" {
  description = "Account that the provisioner uses."
  value       = kubernetes_service_account.this.metadata[0].name
}
