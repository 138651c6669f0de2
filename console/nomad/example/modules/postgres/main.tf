resource "nomad_job" "postgres" {
  jobspec = file("${path.module}/jobspec.nomad.hcl")
}

resource "nomad_csi_volume" "data" {
  plugin_id    = "glusterfs"
  name         = "glusterfs_postgres_data"
  volume_id    = "glusterfs_postgres_data"
  capacity_min = "20GiB"

  capability {
    access_mode     = "single-node-writer"
    attachment_mode = "file-system"
  }
}
