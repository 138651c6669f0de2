output "names" {
  description = "Names of the claims."
  value       = [module.config.name, module.data.name]
}

output "paths" {
  description = "Where their directories must be now."
  value       = [module.config.path, module.data.path]
}
