#!/bin/sh
# Each kustomization renders to what its snapshot says, so that a review shows what a change of one line does to objects.
#   tests/k8s-diff/run.sh            compares
#   tests/k8s-diff/run.sh --update   writes the snapshots anew; look at `git diff` before you commit them
set -eu

cd "$(dirname "$0")/../.."
snapshots=tests/k8s-diff/snapshots
made=$(mktemp)
trap 'rm -f "$made"' EXIT
failed=0
seen=0

# The name of a snapshot is the folder with `_` for `/`.
for file in $(find cluster -name kustomization.yaml | sort); do
  folder=$(dirname "$file")
  snapshot=$snapshots/$(printf '%s' "$folder" | tr / _).yaml
  seen=$((seen + 1))
  kubectl kustomize "$folder" >"$made"
  if [ "${1:-}" = --update ]; then
    cat "$made" >"$snapshot"
  elif ! diff -u "$snapshot" "$made"; then
    echo "$folder is not what $snapshot says: look at the difference, then run $0 --update" >&2
    failed=1
  fi
done

# A snapshot of nothing would go unnoticed for ever.
for snapshot in "$snapshots"/*.yaml; do
  folder=$(basename "$snapshot" .yaml | tr _ /)
  if [ ! -e "$folder/kustomization.yaml" ]; then
    echo "$snapshot belongs to no kustomization: remove it" >&2
    failed=1
  fi
done
echo "$seen kustomizations looked at"
[ "$seen" -gt 0 ] || failed=1
exit "$failed"
