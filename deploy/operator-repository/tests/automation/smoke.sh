#!/bin/sh
# Is the cluster well? Reads only, with the kubeconfig that the bootstrap wrote (or KUBECONFIG).
set -u

KUBECONFIG=${KUBECONFIG:-$HOME/.kube/@CLUSTER@.yaml}
export KUBECONFIG
failed=0

# holds WHAT COMMAND…
holds() {
  what=$1
  shift
  if "$@" >/dev/null 2>&1; then
    echo "ok    $what"
  else
    echo "FAIL  $what" >&2
    failed=1
  fi
}

# Lines that are not empty.
count() { grep -c . || true; }

holds 'the API server is ready' kubectl get --raw /readyz
# Without an answer there is nothing that could be counted, and nothing is not well.
nodes=$(kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name}{"="}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}') || exit 1

there=$(printf '%s\n' "$nodes" | count)
holds "@NODES@ nodes are there ($there)" test "$there" -eq @NODES@

ready=$(printf '%s\n' "$nodes" | grep '=True$' | count)
holds "all of them are ready ($ready)" test "$ready" -eq "$there"

members=$(kubectl get nodes -l node-role.kubernetes.io/etcd=true -o name | count)
holds "@SERVERS@ members of etcd ($members)" test "$members" -eq @SERVERS@

versions=$(kubectl get nodes -o jsonpath='{range .items[*]}{.status.nodeInfo.kubeletVersion}{"\n"}{end}' | sort -u | count)
holds 'all nodes run one version' test "$versions" -eq 1

pending=$(kubectl get pods -A --field-selector=status.phase=Pending -o name | count)
holds "no pod waits ($pending)" test "$pending" -eq 0

exit "$failed"
