/**
 * What stands between the operator under test and somebody's cluster: it reads what it likes and changes nothing but
 * objects of the run. The operator looks after all claims of a cluster and cannot be told to leave some out, so this is
 * not left to it. Pure.
 */

/** What belongs to a run. */
export interface Realm {
  /** Names of its namespaces and classes begin so. */
  readonly prefix: string;
  /** Names of volumes that were made through the fence, or before it for the run. */
  readonly volumes: ReadonlySet<string>;
}

export interface Request {
  readonly method: string;
  /** As it was sent, with its query. */
  readonly path: string;
  readonly body: string;
}

export type Verdict =
  /** `volume`: the name of one that the request makes. */
  { readonly kind: 'passes'; readonly volume?: string } | { readonly kind: 'refused'; readonly reason: string };

const passes: Verdict = { kind: 'passes' };
const refused = (reason: string): Verdict => ({ kind: 'refused', reason });

/** Requests that change nothing although they are written as if. */
const QUESTIONS = /^\/apis\/authorization\.k8s\.io\/v1\/self(?:subjectaccess|subjectrules)reviews$/;
const IN_NAMESPACE = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)\/namespaces\/([^/]+)\/[^/]+/;
const VOLUMES = '/api/v1/persistentvolumes';

export function verdictOn({ method, path, body }: Request, realm: Realm): Verdict {
  const [address = ''] = path.split('?');
  if (method === 'GET') return passes;
  // What a server could read as another address than this function does.
  if (!/^[\w/.:~-]+$/.test(address) || address.split('/').slice(1).some(isOdd)) return refused('an unusual address');
  if (method === 'POST' && QUESTIONS.test(address)) return passes;
  const [, namespace] = IN_NAMESPACE.exec(address) ?? [];
  if (namespace !== undefined) {
    return namespace.startsWith(realm.prefix) ? passes : refused(`namespace ${namespace} is not of this run`);
  }
  if (address === VOLUMES && method === 'POST') return onNewVolume(body, realm);
  if (address.startsWith(`${VOLUMES}/`)) {
    const [name = ''] = address.slice(VOLUMES.length + 1).split('/');
    return realm.volumes.has(name) ? passes : refused(`volume ${name} is not of this run`);
  }
  return refused('it is not in a namespace of this run');
}

const isOdd = (segment: string): boolean => segment === '' || segment === '.' || segment === '..';

function onNewVolume(body: string, { prefix }: Realm): Verdict {
  const volume = parsed(body);
  const name = textAt(volume, 'metadata', 'name');
  const storageClass = textAt(volume, 'spec', 'storageClassName');
  if (name === '' || !storageClass.startsWith(prefix)) return refused('its class is not of this run');
  return { kind: 'passes', volume: name };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function textAt(value: unknown, ...path: readonly string[]): string {
  let found = value;
  for (const name of path) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined;
  }
  return typeof found === 'string' ? found : '';
}
