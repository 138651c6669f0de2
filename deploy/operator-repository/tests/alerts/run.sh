#!/bin/sh
# Rules, scrape targets and routes as Prometheus and Alertmanager read them, and when each alert speaks.
# Needs promtool and amtool (Debian and Ubuntu: the packages prometheus and prometheus-alertmanager).
set -eu

cd "$(dirname "$0")/../.."
generated=cluster/base/monitoring/generated
promtool check rules --lint-fatal "$generated/rules.yaml"
promtool check config --syntax-only "$generated/scrape.yaml"
amtool check-config "$generated/alertmanager.yaml"
promtool test rules tests/alerts/*.test.yaml
