/** The small shell that the parts of the core are installed and looked at with. */
import type { Chart } from './chart.ts';

export const HEAD = '#!/bin/sh\nset -eu\ncd "$(dirname "$0")"\n';

/** `helm upgrade --install` of a pinned chart. */
export function helm(release: string, namespace: string, { repository, chart, version, source }: Chart): string {
  return `# ${source}
helm upgrade --install ${release} ${chart} --repo ${repository} --version ${version} \\
  --namespace ${namespace} --create-namespace --values values.yaml --wait --timeout 10m
`;
}

/** Sourced by every smoke check: a line for each thing that was looked at, and exit code 1 when one failed. */
export const library = `# Sourced by the smoke checks. SMOKE_IMAGE: an image with sh, wget and httpd.
# SMOKE_WAIT: how long its pods may take to run.
SMOKE_IMAGE="\${SMOKE_IMAGE:-docker.io/library/busybox:1.37.0}"
SMOKE_WAIT="\${SMOKE_WAIT:-120s}"
failed=0
pass() { echo "PASS $1"; }
fail() { echo "FAIL $1: $2"; failed=1; }
note() { echo "NOTE $1"; }
# try NAME ADVICE COMMAND…: passes when the command does.
try() {
  name="$1"; advice="$2"; shift 2
  if output="$("$@" 2>&1)"; then pass "$name"; else fail "$name" "$advice ($(echo "$output" | tail -n 1))"; fi
}
# must NAME ADVICE COMMAND…: as try; what follows needs it, so the check ends here when it fails.
must() {
  before="$failed"; failed=0
  try "$@"
  [ "$failed" = 0 ] || finish
  failed="$before"
}
# refused NAME ADVICE COMMAND…: passes when the command fails.
refused() {
  name="$1"; advice="$2"; shift 2
  if "$@" >/dev/null 2>&1; then fail "$name" "$advice"; else pass "$name"; fi
}
# A namespace of its own, which goes when the check ends.
smoke_namespace() {
  SMOKE_NS="$1"
  must "the namespace $SMOKE_NS is this check's" "one from an earlier run may still be going: kubectl get namespace $SMOKE_NS" \\
    kubectl create namespace "$SMOKE_NS"
  trap 'kubectl delete namespace "$SMOKE_NS" --wait=false >/dev/null 2>&1 || true' EXIT
  trap 'exit 1' INT TERM
}
finish() { exit "$failed"; }
`;

export const SMOKE_HEAD = `${HEAD}. ../../smoke-library.sh\n`;
