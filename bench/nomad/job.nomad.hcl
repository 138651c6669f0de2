variable "image_tag" {
  type    = string
  default = "4.2.1"
}

locals {
  host   = "SERVICE.example.org"
  labels = { team = "shop", tier = "web" }
}

job "SERVICE" {
  datacenters = ["dc1"]
  type        = "service"

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

  update {
    max_parallel     = 1
    min_healthy_time = "15s"
    healthy_deadline = "5m"
    auto_revert      = true
  }

  group "SERVICE" {
    count = 2

    network {
      mode = "bridge"
      port "http" {
        to = 8080
      }
      port "metrics" {
        to = 9100
      }
      port "envoy_metrics" {
        to = 9102
      }
    }

    restart {
      attempts = 3
      interval = "10m"
      delay    = "15s"
      mode     = "delay"
    }

    volume "data" {
      type            = "csi"
      source          = "glusterfs_SERVICE_data"
      access_mode     = "multi-node-multi-writer"
      attachment_mode = "file-system"
    }

    service {
      name = "SERVICE"
      port = "http"

      meta {
        envoy_metrics_port = "${NOMAD_HOST_PORT_envoy_metrics}"
      }

      connect {
        sidecar_service {
          proxy {
            transparent_proxy {}
            expose {
              path {
                path            = "/metrics"
                protocol        = "http"
                local_path_port = 9102
                listener_port   = "envoy_metrics"
              }
            }
          }
        }
      }

      check {
        type     = "http"
        path     = "/health"
        interval = "15s"
        timeout  = "3s"
        expose   = true
        check_restart {
          limit = 3
          grace = "60s"
        }
      }

      tags = [
        "traefik.enable=true",
        "traefik.consulcatalog.connect=true",
        "traefik.http.routers.SERVICE.rule=Host(`${local.host}`) && PathPrefix(`/app`)",
        "traefik.http.routers.SERVICE.entrypoints=websecure",
        "traefik.http.routers.SERVICE.middlewares=SERVICE-strip",
        "traefik.http.middlewares.SERVICE-strip.stripprefix.prefixes=/app",
      ]
    }

    task "SERVICE" {
      driver = "docker"

      vault {
        policies = ["SERVICE"]
      }

      config {
        image   = "registry.example.org/shop/SERVICE:${var.image_tag}"
        command = "serve"
        args    = ["--listen", "0.0.0.0:${NOMAD_PORT_http}", "--config", "/local/app.yaml"]
        ports   = ["http", "metrics"]
        volumes = ["local/app.yaml:/etc/app.yaml:ro"]
        labels  = local.labels
      }

      env {
        LOG_LEVEL = "info"
        UPSTREAM  = "http://OTHER.virtual.consul:8080"
        DATA_DIR  = "/data"
        REGION    = "${NOMAD_REGION}"
      }

      template {
        destination = "local/app.yaml"
        data        = <<-EOT
          listen: 8080
          upstream: http://OTHER.virtual.consul:8080
          cache:
            size: 128
            ttl: 30s
        EOT
      }

      template {
        destination = "secrets/app.env"
        env         = true
        data        = <<-EOT
          {{ with secret "nomad/data/default/SERVICE" }}
          DB_USER={{ .Data.data.db_user }}
          DB_PASSWORD={{ .Data.data.db_password }}
          {{ end }}
        EOT
      }

      volume_mount {
        volume      = "data"
        destination = "/data"
      }

      resources {
        cpu        = 250
        memory     = 256
        memory_max = 512
      }
    }

    task "exporter" {
      driver = "docker"

      lifecycle {
        hook    = "prestart"
        sidecar = true
      }

      config {
        image = "registry.example.org/shop/exporter:1.9"
        args  = ["--target", "http://127.0.0.1:8080"]
      }

      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
