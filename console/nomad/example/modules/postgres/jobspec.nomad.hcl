job "postgres" {
  datacenters = ["dc1"]

  group "postgres" {
    network {
      mode = "bridge"
    }

    volume "data" {
      type            = "csi"
      source          = "glusterfs_postgres_data"
      attachment_mode = "file-system"
      access_mode     = "single-node-writer"
    }

    service {
      name = "postgres"
      port = "5432"

      check {
        type     = "script"
        task     = "postgres"
        command  = "pg_isready"
        args     = ["-U", "postgres"]
        interval = "10s"
        timeout  = "2s"
      }

      connect {
        sidecar_service {}
      }
    }

    task "postgres" {
      driver = "docker"

      config {
        image   = "postgres:16.4"
        command = "postgres"
        args    = ["-c", "max_connections=200"]
      }

      vault {}

      env {
        PGDATA = "/var/lib/postgresql/data/pgdata"
      }

      template {
        data        = <<-EOF
          POSTGRES_PASSWORD={{ with secret "secret/data/postgres" }}{{ .Data.data.PASSWORD }}{{ end }}
          EOF
        destination = "secrets/postgres.env"
        env         = true
      }

      volume_mount {
        volume      = "data"
        destination = "/var/lib/postgresql/data"
      }

      resources {
        cpu    = 500
        memory = 1024
      }
    }
  }
}
