import { leafOf } from './field.ts';
import { later, scalar, type Value } from './value.ts';

/** What stands around a template. */
export interface World {
  /** Mounts of KV engines; a mount may have slashes in its name. */
  readonly mounts: readonly string[];
  readonly environment: (name: string) => Environment;
  /** A service of Nomad or Consul, by its name there. */
  readonly service: (name: string) => { readonly address: string; readonly port?: number } | undefined;
}

export type Environment =
  | { readonly kind: 'known'; readonly text: string; readonly remark?: string }
  /** Text with `$(NAME)` in it that the container completes. */
  | { readonly kind: 'later'; readonly text: string; readonly remark?: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly message: string };

export type Fetched = (
  | { readonly kind: 'found'; readonly value: Value }
  | { readonly kind: 'refused'; readonly message: string }
) & { readonly remark?: string };

type Fetch = (args: readonly Value[], world: World) => Fetched | undefined;

/** Functions that ask Vault, Nomad, Consul or the environment. */
export const fetches: ReadonlyMap<string, Fetch> = new Map<string, Fetch>([
  ['secret', secret],
  ['nomadVar', nomadVariable],
  ['env', environment],
  ['mustEnv', environment],
  ['envOrDefault', environment],
  ['key', () => refused('the value of a key of Consul is not in the job')],
  ['keyOrDefault', keyOrDefault],
  ['service', services],
  ['nomadService', services],
  ['connect', services],
  ['index', indexOfSecret],
  ['base64Decode', undecodable],
]);

function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}

function refused(message: string): Fetched {
  return { kind: 'refused', message };
}

/** Engines whose answers are made for each asker; External Secrets fetches what is stored. */
const dynamic =
  /^(pki|aws|database|consul|nomad\/creds|rabbitmq|ssh|totp|transit|azure|gcp|ldap|kubernetes|identity|auth|sys)\b/;

function secret([path, ...rest]: readonly Value[]): Fetched {
  const from = textOf(path);
  if (from === undefined) return refused('the path of the secret is not known when the job is read');
  if (rest.length > 0) return refused(`secret ${JSON.stringify(from)} writes to Vault; External Secrets reads`);
  const clean = from.replaceAll(/^\/+|\/+$/g, '');
  if (clean.includes('?')) return refused(`${from}: a query of a path has no twin`);
  if (dynamic.test(clean) && /\/(creds|issue|sign|role|login|token|keys|sts)\b/.test(clean)) {
    return refused(`${from}: credentials that Vault makes on request are not stored values`);
  }
  return { kind: 'found', value: { kind: 'secret', of: { source: 'vault', path: clean } } };
}

function nomadVariable([path]: readonly Value[]): Fetched {
  const from = textOf(path);
  if (from === undefined) return refused('the path of the variable is not known when the job is read');
  const [clean = '', namespace] = from.replaceAll(/^\/+|\/+$/g, '').split('@');
  if (namespace !== undefined) return refused(`${from}: a variable of another namespace`);
  return { kind: 'found', value: { kind: 'secret', of: { source: 'nomad', path: clean } } };
}

function environment([name, fallback]: readonly Value[], { environment: ask }: World): Fetched {
  const of = textOf(name);
  if (of === undefined) return refused('the name of the variable is not known when the job is read');
  const found = ask(of);
  switch (found.kind) {
    case 'known':
      return { kind: 'found', value: scalar(found.text), ...remarkOf(found) };
    case 'later':
      return { kind: 'found', value: later({ kind: 'environment', text: found.text }), ...remarkOf(found) };
    case 'absent':
      return { kind: 'found', value: fallback ?? scalar('') };
    case 'refused':
      return found;
    default:
      return found satisfies never;
  }
}

function remarkOf({ remark }: { readonly remark?: string }): { readonly remark?: string } {
  return remark === undefined ? {} : { remark };
}

function keyOrDefault([key, fallback]: readonly Value[]): Fetched {
  const name = textOf(key);
  if (name === undefined || !fallback) return refused('keyOrDefault takes a key and a default');
  return {
    kind: 'found',
    value: fallback,
    remark: `the default of the key ${name} is written; Consul may hold another value`,
  };
}

/** `service "name"`, with the tag, the data center and the filter that Consul's queries may have around the name. */
function services(args: readonly Value[], { service }: World): Fetched {
  const query = textOf(
    args.length === 3 && args[0]?.kind === 'scalar' && typeof args[0].value === 'number' ? args[2] : args[0],
  );
  if (query === undefined) return refused('the name of the service is not known when the job is read');
  const [place = ''] = query.split('|');
  if (place.includes('@')) return refused(`${query}: a service of another data center`);
  const name = place.split('.').at(-1)?.split('?')[0] ?? '';
  const found = service(name);
  if (!found) return refused(`the service ${name} is not among the jobs`);
  const { address, port } = found;
  const entries = new Map<string, Value>([
    ['Name', scalar(name)],
    ['Address', scalar(address)],
    ...(port === undefined ? [] : [['Port', scalar(port)] as const]),
  ]);
  return {
    kind: 'found',
    value: { kind: 'list', items: [{ kind: 'map', entries }] },
    remark: `the instances of ${name} are one name: ${address}`,
  };
}

/** `index .Data.data "a-key"`; undefined for what is no secret. */
function indexOfSecret([value, ...path]: readonly Value[], { mounts }: World): Fetched | undefined {
  if (value?.kind !== 'secret' && value?.kind !== 'data') return undefined;
  const steps = path.map(textOf);
  let found: Fetched = { kind: 'found', value };
  for (const step of steps) {
    if (step === undefined) return refused('the name of the key is not known when the job is read');
    if (found.kind === 'refused') return found;
    found = stepInto(found.value, step, mounts);
  }
  return found;
}

function stepInto(value: Value, property: string, mounts: readonly string[]): Fetched {
  if (value.kind === 'data') return leafOf(value.of, { view: value.view, property }, mounts);
  if (value.kind === 'secret' && value.of.source === 'nomad') {
    return { kind: 'found', value: later({ kind: 'leaf', leaf: { ...value.of, property, engine: 2 } }) };
  }
  return refused(`index of ${property} has no translation`);
}

/** Go stops at what is not base64; the function of External Secrets writes the error into the text. */
function undecodable([value]: readonly Value[]): Fetched | undefined {
  if (value?.kind !== 'later') return undefined;
  return {
    kind: 'found',
    value: later({ kind: 'call', name: 'b64dec', args: [value.later] }),
    remark: 'a secret that is not base64 becomes the text of an error instead of stopping the template',
  };
}
