/** A look at the cluster before anything is made on it, and the two definitions that the journeys need. */
import { definitions } from '../../src/expand/api/definition.ts';
import { allowed } from '../../src/kube/allowed.ts';
import { type Client, kinds } from '../../src/kube/index.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { ANY_RUN, labelOf } from './sweep.ts';

export interface Ground {
  /** As the API server says it. */
  readonly version: string;
  /** Why the journeys must not be made here; none: they may. */
  readonly objections: readonly string[];
  /** Namespaces of earlier runs that ended without cleaning up. */
  readonly leftovers: readonly string[];
}

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** They grow any claim that says so, also those of the tests. */
const EXPANDERS = 'app.kubernetes.io/name in (larder, pvc-chonker)';
const TRIES = 3;
const ANSWER_MS = 10_000;

const needs = [
  { group: '', resource: 'namespaces', verbs: ['create', 'delete'] },
  { group: '', resource: 'persistentvolumes', verbs: ['create', 'patch', 'delete'] },
  { group: '', resource: 'persistentvolumeclaims', verbs: ['create', 'patch', 'delete'] },
  { group: 'storage.k8s.io', resource: 'storageclasses', verbs: ['create', 'delete'] },
  { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions', verbs: ['create', 'delete'] },
] as const;

/** @throws when the cluster does not answer. */
export async function survey(client: Client, signal: AbortSignal): Promise<Ground> {
  const { gitVersion } = JSON.parse(await textOf(client, '/version'));
  const { items } = await client.list(kinds.Namespace, { labelSelector: ANY_RUN });
  return {
    version: String(gitVersion),
    objections: [...(await forbidden(client, signal)), ...(await expanders(client))],
    leftovers: items.map(({ metadata }) => metadata.name),
  };
}

async function forbidden(client: Client, signal: AbortSignal): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const access of needs) {
    for (const verb of access.verbs) {
      const answer = await allowed({ client, clock: systemClock, tries: TRIES }, { access, verb }, signal);
      if (answer === false) missing.push(`${verb} ${access.resource}`);
    }
  }
  return missing.length === 0 ? [] : [`the user of the kubeconfig may not ${missing.join(', ')}`];
}

interface Deployment {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly replicas: number };
}

async function expanders(client: Client): Promise<readonly string[]> {
  const list = JSON.parse(
    await textOf(client, `/apis/apps/v1/deployments?labelSelector=${encodeURIComponent(EXPANDERS)}`),
  );
  const items: readonly Deployment[] = list.items;
  const running = items.filter(({ spec }) => spec.replicas !== 0);
  return running.map(
    ({ metadata: { namespace, name } }) =>
      `deployment ${namespace}/${name} would act on the claims of the test: scale it to 0, or take another cluster`,
  );
}

/** Makes those that are missing; what is there stays as it is. Returns the names of those it made. */
export async function makeDefinitions(client: Client, run: string): Promise<readonly string[]> {
  const made: string[] = [];
  for (const definition of definitions) {
    const { name } = definition.metadata;
    const labelled = { ...definition, metadata: { ...definition.metadata, labels: labelOf(run) } };
    const headers = { 'content-type': 'application/json' };
    const answer = await client.request({ method: 'POST', path: DEFINITIONS, headers, body: JSON.stringify(labelled) });
    const text = await answer.text();
    if (answer.status === 201) made.push(name);
    else if (answer.status !== 409) throw new Error(`creating ${name}: ${answer.status} ${text}`);
  }
  return made;
}

/** Removes those that nobody has begun to use meanwhile; returns why the others stay. */
export async function removeDefinitions(client: Client, made: readonly string[]): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const name of made) {
    const [plural = '', ...group] = name.split('.');
    const { items } = JSON.parse(await textOf(client, `/apis/${group.join('.')}/v1alpha1/${plural}`));
    if (items.length > 0) kept.push(`crd/${name}: there are objects of it now that are not of this run`);
    else await client.request({ method: 'DELETE', path: `${DEFINITIONS}/${name}` }).then((answer) => answer.text());
  }
  return kept;
}

async function textOf(client: Client, path: string): Promise<string> {
  const answer = await client.request({ method: 'GET', path }, { signal: AbortSignal.timeout(ANSWER_MS) });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${text}`);
  return text;
}
