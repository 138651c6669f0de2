/**
 * The provider of the modules. `kubectl_manifest` sends a manifest as it is written; `kubernetes_manifest` of
 * hashicorp/kubernetes asks the API server for the schema of each kind at plan time, so that nothing can be planned before
 * every definition is installed (docs/adr/0015-kubectl-manifest.md).
 */
const provider = { source: 'gavinbunney/kubectl', version: '>= 1.19.0, < 2.0.0' };

/** A file that says what is needed. */
export const requiredProvider = `terraform {
  required_version = ">= 1.5.0"

  required_providers {
    kubectl = {
      source  = "${provider.source}"
      version = "${provider.version}"
    }
  }
}
`;
