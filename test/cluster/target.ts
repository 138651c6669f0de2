/** The cluster that a user names: its kubeconfig as the tests get it, and whether it looks like one that may break. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';

export interface Target {
  /** Text (of more than one line) of a kubeconfig with this context alone, whose files are named from anywhere. */
  textIn(namespace: string): string;
  readonly context: string;
  readonly server: string;
}

export type Found =
  | { readonly kind: 'found'; readonly target: Target }
  | { readonly kind: 'unusable'; readonly reason: string };

const FILES: ReadonlySet<string> = new Set([
  'certificate-authority',
  'client-certificate',
  'client-key',
  'tokenFile',
  'command',
]);

export function readTarget(file: string, context?: string): Found {
  try {
    const config: unknown = parse(readFileSync(file, 'utf8'));
    const name = context ?? textOf(memberOf(config, 'current-context'));
    if (name === '') return unusable(`${file} has no current context: give --context`);
    const chosen = entryOf(config, 'contexts', name, 'context');
    if (chosen === undefined) return unusable(`${file} has no context ${name}`);
    const cluster = textOf(memberOf(chosen, 'cluster'));
    const user = textOf(memberOf(chosen, 'user'));
    const reached = entryOf(config, 'clusters', cluster, 'cluster');
    if (reached === undefined) return unusable(`${file} has no cluster ${cluster}, which context ${name} names`);
    const folder = dirname(resolve(file));
    const textIn = (namespace: string): string =>
      JSON.stringify(
        {
          apiVersion: 'v1',
          kind: 'Config',
          'current-context': name,
          clusters: [{ name: cluster, cluster: located(reached, folder) }],
          users: [{ name: user, user: located(entryOf(config, 'users', user, 'user') ?? {}, folder) }],
          contexts: [{ name, context: { cluster, user, namespace } }],
        },
        undefined,
        1,
      );
    return { kind: 'found', target: { textIn, context: name, server: textOf(memberOf(reached, 'server')) } };
  } catch (failure) {
    return unusable(`${file} cannot be read: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
}

const unusable = (reason: string): Found => ({ kind: 'unusable', reason });

/** Names that tools for clusters on one machine give to their contexts. */
const ON_ONE_MACHINE = /^(?:kind-|k3d-|minikube$|docker-desktop$|rancher-desktop$|colima|orbstack$|microk8s$)/;

/** Anything else is asked about first. An address of this machine alone says nothing: a tunnel ends there too. */
export const isForTrials = (context: string): boolean => ON_ONE_MACHINE.test(context);

/** Relative files of a kubeconfig are beside it; so is a login plugin that is named with a slash. */
function located(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((each) => located(each, folder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      isFile(name, member) ? resolve(folder, member) : located(member, folder),
    ]),
  );
}

const isFile = (name: string, value: unknown): value is string =>
  FILES.has(name) && typeof value === 'string' && !isAbsolute(value) && (name !== 'command' || value.includes('/'));

function entryOf(config: unknown, list: string, name: string, member: string): unknown {
  const entries = memberOf(config, list);
  const found = Array.isArray(entries) ? entries.find((entry) => memberOf(entry, 'name') === name) : undefined;
  return memberOf(found, member);
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
