output "name" {
  description = "Name of the claim, for claim_name of a pod's volume. Known when the claim is there."
  value       = local.made.metadata[0].name
}

output "path" {
  description = "Where the directory is on every node, with a class that has the path_pattern of the module nfs-provisioner."
  value       = local.path
}
