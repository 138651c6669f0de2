#!/bin/sh
# Playbooks that ran once have nothing left to do: check mode says so for each node, and changes nothing.
#   tests/automation/idempotence.sh [--limit NODE]
# Exit code 0: nothing to do, 1: something would change or a node failed.
set -eu

cd "$(dirname "$0")/../.."
tool=ansible-playbook
[ ! -x .venv/bin/ansible-playbook ] || tool=$PWD/.venv/bin/ansible-playbook
command -v "$tool" >/dev/null || {
  echo "ansible-playbook is not there: run uv sync" >&2
  exit 1
}
LARDER_CLUSTER=$PWD/cluster.yaml
export LARDER_CLUSTER ANSIBLE_NOCOLOR=1
keys=$(mktemp)
report=$(mktemp)
trap 'rm -f "$keys" "$report"' EXIT
larder cluster inventory --file "$LARDER_CLUSTER" --known-hosts >"$keys"
export ANSIBLE_SSH_COMMON_ARGS="-o UserKnownHostsFile=$keys"
cd automation/ansible
failed=0

for playbook in base-os k3s-servers k3s-agents post-bootstrap; do
  echo "== $playbook"
  code=0
  "$tool" --check --diff "playbooks/$playbook.yml" "$@" >"$report" 2>&1 || code=$?
  if [ "$code" -eq 0 ] && ! grep -q 'ok=[0-9]' "$report" && grep -q 'no hosts matched' "$report"; then
    echo 'no node has that role'
  elif [ "$code" -ne 0 ] || ! grep -q 'ok=[0-9]' "$report" || grep -Eq 'changed=[1-9]' "$report"; then
    cat "$report"
    failed=1
  else
    grep 'ok=[0-9]' "$report"
  fi
done
exit "$failed"
