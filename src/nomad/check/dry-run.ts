/** Asks a cluster whether it would take each manifest, without storing any. */

import type { Client } from '../../kube/client.ts';
import { isObject } from '../../kube/reader.ts';
import { pathOf } from '../../kube/resource.ts';
import { dig, fields, maps, word } from './dig.ts';
import type { Finding } from './finding.ts';
import type { WrittenManifest, WrittenTree } from './tree.ts';

interface Served {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A server-side apply of every manifest with `dryRun=All`; unknown fields are refused. */
export async function dryRun(client: Client, tree: WrittenTree, signal: AbortSignal): Promise<readonly Finding[]> {
  const manifests = tree.modules.flatMap((module) => module.manifests);
  const server: Server = { client, signal, lists: new Map(), namespaces: new Map() };
  const findings: Finding[] = [];
  for (const manifest of manifests) {
    for (const told of await tryOne(server, manifest))
      findings.push({
        check: 'server',
        file: manifest.file,
        line: manifest.lineOf(...told.path),
        object: `${manifest.kind}/${manifest.name}`,
        ...told.finding,
      });
  }
  return findings;
}

interface Server {
  readonly client: Client;
  readonly signal: AbortSignal;
  /** Kinds by API version; undefined where the cluster does not serve it. */
  readonly lists: Map<string, ReadonlyMap<string, Served> | undefined>;
  readonly namespaces: Map<string, boolean>;
}

interface Told {
  readonly path: readonly (string | number)[];
  readonly finding: Pick<Finding, 'severity' | 'message' | 'todo'>;
}

async function tryOne(server: Server, manifest: WrittenManifest): Promise<readonly Told[]> {
  const { apiVersion, kind, name, namespace, object } = manifest;
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const served = (await kindsOf(server, apiVersion))?.get(kind);
  if (!served) {
    const message = `the cluster does not know ${apiVersion} ${kind}`;
    const todo = 'Install what defines it first: `larder nomad core` writes that.';
    return [{ path: ['kind'], finding: { severity: 'error', message, todo } }];
  }
  if (!served.namespaced || (await hasNamespace(server, namespace))) {
    const where = { name, ...(served.namespaced ? { namespace } : {}) };
    const refused = await refusalOf(server, { path: pathOf({ group, version, ...served }, where), object });
    return refused ? [refused.told] : [];
  }
  const message = `the namespace ${namespace} is not there yet, and without it the server answers nothing else`;
  const todo = `Create it: kubectl create namespace ${namespace}.`;
  const missing: Told = { path: ['metadata', 'namespace'], finding: { severity: 'skipped', message, todo } };
  const path = pathOf({ group, version, ...served }, { name, namespace: ELSEWHERE });
  const moved = { ...fields(object), metadata: { ...fields(dig(object, 'metadata')), namespace: ELSEWHERE } };
  const refused = await refusalOf(server, { path, object: moved });
  // quotas and the like of the other namespace say nothing about this manifest
  return refused && isOfManifest(refused) ? [missing, refused.told] : [missing];
}

/** It is always there: what is wrong with a manifest is so in every namespace. */
const ELSEWHERE = 'default';

/** A value that is not valid, or a field that is not known, which a server-side apply answers with 500. */
function isOfManifest({ status, told }: Refusal): boolean {
  return status === 400 || status === 422 || told.finding.message.includes('failed to create typed patch object');
}

interface Refusal {
  readonly status: number;
  readonly told: Told;
}

interface Asked {
  readonly path: string;
  readonly object: WrittenManifest['object'];
}

async function refusalOf({ client, signal }: Server, { path, object }: Asked): Promise<Refusal | undefined> {
  const response = await client.request(
    {
      method: 'PATCH',
      path: `${path}?dryRun=All&fieldValidation=Strict&fieldManager=larder-nomad-check&force=true`,
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify(object),
    },
    { signal },
  );
  const text = await response.text();
  if (response.status < 300) return undefined;
  const finding = {
    severity: 'error',
    message: `the cluster refuses it: ${statusMessage(text)}`,
    todo: 'Correct what it names.',
  } as const;
  return { status: response.status, told: { path: [], finding } };
}

async function kindsOf(server: Server, apiVersion: string): Promise<ReadonlyMap<string, Served> | undefined> {
  if (server.lists.has(apiVersion)) return server.lists.get(apiVersion);
  const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const list = await answerOf(server, path);
  const kinds: ReadonlyMap<string, Served> | undefined =
    list === undefined
      ? undefined
      : new Map(
          maps(dig(list, 'resources'))
            .filter(({ name }) => !word(name).includes('/'))
            .map(({ kind, name, namespaced }) => [word(kind), { plural: word(name), namespaced: namespaced === true }]),
        );
  server.lists.set(apiVersion, kinds);
  return kinds;
}

async function hasNamespace(server: Server, namespace: string): Promise<boolean> {
  const known = server.namespaces.get(namespace);
  if (known !== undefined) return known;
  const found = (await answerOf(server, `/api/v1/namespaces/${encodeURIComponent(namespace)}`)) !== undefined;
  server.namespaces.set(namespace, found);
  return found;
}

/** What the server has at a path; undefined when it has nothing. */
async function answerOf({ client, signal }: Server, path: string): Promise<unknown> {
  const response = await client.request({ method: 'GET', path }, { signal });
  const text = await response.text();
  if (response.status === 404) return undefined;
  if (response.status >= 300) throw new Error(`GET ${path}: ${statusMessage(text)}`);
  const parsed: unknown = JSON.parse(text);
  return parsed;
}

function statusMessage(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? word(parsed['message']) || text : text;
  } catch {
    return text; // not a Status: whatever stands between us and the server wrote it
  }
}
