// Modules whose files tests read: definitions of kinds and charts that others publish. ../published.ts fetches them.
module larder.dev/test/tools/published

go 1.26.0

require (
	github.com/cilium/cilium v1.20.2
	github.com/external-secrets/external-secrets v1.3.2
	github.com/grafana/loki/v3 v3.5.0
	github.com/traefik/traefik/v3 v3.7.13
	k8s.io/autoscaler/vertical-pod-autoscaler v1.8.1
)
