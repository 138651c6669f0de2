/** For tests: the kinds of growth and objects of them, in a world. */
import type { Client } from '../../kube/client.ts';
import { isObject } from '../../kube/reader.ts';
import { pathOf } from '../../kube/resource.ts';
import { definitions } from '../api/definition.ts';
import { type PVCPolicy, pvcPolicies } from '../api/pvc-policy.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** As an administrator applies them. */
export async function defineKinds(client: Client): Promise<void> {
  for (const definition of definitions) await send(client, 'POST', DEFINITIONS, definition);
}

export async function removeKinds(client: Client): Promise<void> {
  for (const { metadata } of definitions) await send(client, 'DELETE', `${DEFINITIONS}/${metadata.name}`);
}

/** The definition of policies without the rules of one setting, as an older one may have been. */
export async function loosen(client: Client, member: string): Promise<void> {
  const template = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/template/properties';
  const operations = [{ op: 'remove', path: `${template}/${member}/x-kubernetes-validations` }];
  await send(client, 'PATCH', `${DEFINITIONS}/${pvcPolicies.plural}.${pvcPolicies.group}`, operations);
}

/** Makes the policy, or gives it another spec. */
export async function putPolicy(client: Client, name: string, spec: object, namespace = 'default'): Promise<void> {
  const body = {
    apiVersion: `${pvcPolicies.group}/${pvcPolicies.version}`,
    kind: pvcPolicies.kind,
    metadata: { name, namespace },
    spec,
  };
  const path = `${pathOf(pvcPolicies, { namespace, name })}?fieldManager=test&force=true`;
  await send(client, 'PATCH', path, body);
}

export async function policy(client: Client, name: string, namespace = 'default'): Promise<PVCPolicy> {
  return client.get(pvcPolicies, { namespace, name });
}

async function send(client: Client, method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<void> {
  const patch = Array.isArray(body) ? 'application/json-patch+json' : 'application/apply-patch+yaml';
  const contentType = method === 'PATCH' ? patch : 'application/json';
  const response = await client.request({
    method,
    path,
    headers: { 'content-type': contentType },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status >= 300) throw new Error(`${method} ${path}: ${messageIn(text)}`);
}

function messageIn(text: string): string {
  const answer: unknown = JSON.parse(text);
  return isObject(answer) && typeof answer['message'] === 'string' ? answer['message'] : text;
}
