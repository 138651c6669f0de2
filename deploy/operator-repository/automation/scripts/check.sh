#!/bin/sh
# Everything that can be checked without a machine of the cluster; CI runs it, too. What cannot run here is named.
set -u

cd "$(dirname "$0")/../.." || exit 2
[ ! -d .venv/bin ] || PATH=$PWD/.venv/bin:$PATH
failed=0
skipped=0

# run WHAT COMMAND…
run() {
  what=$1
  shift
  if ! command -v "$1" >/dev/null 2>&1; then
    echo "skip  $what: $1 is not there" >&2
    skipped=$((skipped + 1))
  elif "$@"; then
    echo "ok    $what"
  else
    echo "FAIL  $what" >&2
    failed=$((failed + 1))
  fi
}

run 'cluster.yaml' larder cluster validate
run 'what is made from cluster.yaml' larder cluster render --check
run 'YAML' yamllint --strict .
# In the folder of the roles, where its ansible.cfg says where they are.
roles() { (cd automation/ansible && ansible-lint --offline --profile production -c ../../.ansible-lint.yaml); }
if command -v ansible-lint >/dev/null 2>&1; then run 'playbooks and roles' roles; else run 'playbooks and roles' ansible-lint; fi
run 'scripts' shellcheck automation/scripts/*.sh tests/*/*.sh
if command -v kubectl >/dev/null 2>&1; then run 'snapshots' tests/k8s-diff/run.sh; else run 'snapshots' kubectl; fi
if command -v promtool >/dev/null 2>&1; then run 'alerts' tests/alerts/run.sh; else run 'alerts' promtool; fi

echo "$failed failed, $skipped skipped"
# In CI nothing may be skipped unseen.
[ "$failed" -eq 0 ] && { [ -z "${CI:-}" ] || [ "$skipped" -eq 0 ]; }
