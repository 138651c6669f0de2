job "wiki" {
  datacenters = ["dc1"]

  group "wiki" {
    count = 2

    network {
      mode = "bridge"
      port "http" {
        to = 3000
      }
    }

    service {
      name = "wiki"
      port = "3000"

      tags = [
        "traefik.enable=true",
        "traefik.consulcatalog.connect=true",
        "traefik.http.routers.wiki.rule=Host(`wiki.example.net`) && !PathPrefix(`/metrics`)",
        "traefik.http.routers.wiki.entrypoints=websecure",
        "traefik.http.routers.wiki.middlewares=wiki-ratelimit,login@file",
        "traefik.http.middlewares.wiki-ratelimit.ratelimit.average=50",
        "traefik.http.middlewares.wiki-ratelimit.ratelimit.burst=100",
      ]

      check {
        type     = "http"
        path     = "/healthz"
        interval = "15s"
        timeout  = "3s"
        expose   = true
      }

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "postgres"
              local_bind_port  = 5432
            }
          }
        }
      }
    }

    task "wiki" {
      driver = "docker"

      config {
        image = "registry.example.net/team/wiki:2.5"
        ports = ["http"]
      }

      vault {
        role = "wiki"
      }

      env {
        DB_HOST    = "postgres.virtual.consul"
        DB_PORT    = "5432"
        DB_NAME    = "wiki"
        SEARCH_URL = "http://search.service.consul:7700"
      }

      template {
        data = <<-EOF
          {{ with secret "secret/data/wiki" }}
          DB_USER={{ .Data.data.DB_USER }}
          DB_PASS={{ .Data.data.DB_PASS }}
          {{ end }}
          EOF

        destination = "secrets/db.env"
        env         = true
      }

      resources {
        cpu        = 300
        memory     = 256
        memory_max = 512
      }
    }
  }
}
