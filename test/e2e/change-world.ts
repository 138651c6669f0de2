/** What the journeys of changes share: objects, and what is looked at. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Client, kinds } from '../../src/kube/index.ts';
import type { EventData } from '../../src/ledger/event.ts';
import type { Run } from './larder.ts';
import { type Operators, succeed } from './operators.ts';

export interface ChangeJourney {
  readonly name: string;
  /** `space` is a namespace of its own, which is not there yet. */
  readonly run: (operators: Operators, space: string) => Promise<void>;
}

export const RUNBOOK = ['--runbook', 'docs/runbooks/web.md'];

export const namespace = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

export const configMap = (name: string, space: string, data: Readonly<Record<string, string>>): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: space },
  data,
});

export const deployment = (name: string, space: string, { image = 'web:1', label = name } = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: space },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: label } }, spec: { containers: [{ name: 'web', image }] } },
  },
});

export const definition = (plural: string, kind: string): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.change.example.com` },
  spec: {
    group: 'change.example.com',
    scope: 'Namespaced',
    names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
          },
        },
      },
    ],
  },
});

/** Exit code and what it said, for messages of a failed comparison. */
export function endsWith(run: Run, code: number): Run {
  assert.equal(run.code, code, `${run.stdout}\n${run.stderr}`);
  return run;
}

export async function makeSpace(client: Client, name: string): Promise<void> {
  await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** Everything that a repository holds of evidence and records, decompressed. */
export function governance(root: string): string {
  const folder = join(root, 'docs/governance');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return name.endsWith('.gz') ? gunzipSync(readFileSync(path)).toString('utf8') : readFileSync(path, 'utf8');
    })
    .join('\n');
}

type Change = { readonly status: string; readonly applies: readonly EventData<'change-applied'>[] };

export async function shown(operators: Operators, id: string): Promise<Change> {
  const { stdout } = await succeed(operators.larder('change', 'show', id, '-o', 'json'));
  return JSON.parse(stdout);
}

export const outcomes = ({ applies }: Change): readonly string[] =>
  (applies.at(-1)?.objects ?? []).map(({ kind, name, outcome }) => `${kind} ${name} ${outcome}`);
