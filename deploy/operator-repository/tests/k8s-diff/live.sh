#!/bin/sh
# What an apply of each kustomization would change on the cluster of your kubeconfig; nothing is stored.
# Exit code 0: nothing, 1: something, 2: it could not be told for all of them, which is not the same as nothing.
set -u

cd "$(dirname "$0")/../.." || exit 2
worst=0
for file in $(find cluster -name kustomization.yaml | sort); do
  folder=$(dirname "$file")
  kubectl kustomize "$folder" | kubectl diff --server-side --field-manager=larder-change -f -
  code=$?
  case $code in
    0) ;;
    1) [ "$worst" -gt 1 ] || worst=1 ;;
    *)
      # Also where a namespace is not there yet: `larder change diff` knows what to do then.
      echo "$folder: unknown (kubectl ended with $code)" >&2
      worst=2
      ;;
  esac
done
exit "$worst"
