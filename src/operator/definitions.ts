/** Makes the kinds of growth known to the embedded API. On a cluster an administrator applies docs/reference/crds.yaml. */
import { type Definition, definitions } from '../expand/api/definition.ts';
import { misplacedStatus } from '../expand/api/misplaced-status.ts';
import type { Client } from '../kube/client.ts';
import { defineResource } from '../kube/define-resource.ts';
import { isKubeError } from '../kube/error.ts';
import type { KubeObject } from '../kube/object.ts';
import { nothing } from '../kube/projection.ts';
import type { Resource } from '../kube/resource.ts';
import type { Log } from '../telemetry/log.ts';

const plurals: Readonly<Record<string, string>> = {
  CustomResourceDefinition: 'customresourcedefinitions',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
};

/**
 * Whatever an older Larder, or a person, made of them becomes what this one knows; objects stay as they are. One that
 * cannot be changed (somebody made it with another version) is told and left: claims and volumes need none of them.
 */
export async function applyDefinitions(client: Client, log?: Log): Promise<void> {
  for (const definition of [...definitions, ...misplacedStatus]) {
    const { kind, metadata } = definition;
    const { name } = metadata;
    try {
      await client.patch(resourceOf(definition), { name }, { kind: 'apply', value: definition }, { force: true });
    } catch (err) {
      if (!isKubeError(err, 'KUBE_INVALID')) throw err;
      log?.error({ kind, name, err }, 'a definition of ours was refused: delete it and start again');
    }
  }
}

function resourceOf({ apiVersion, kind }: Definition): Resource<KubeObject> {
  const [group = '', version = ''] = apiVersion.split('/');
  const plural = plurals[kind];
  if (plural === undefined) throw new TypeError(`${kind} has no plural here`);
  return defineResource({ group, version, plural, kind, namespaced: false }, nothing);
}
