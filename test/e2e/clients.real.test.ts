/**
 * Other people's clients, told to a real control plane and to the embedded API: the official JavaScript and Python
 * clients, and client-go inside kwok. What they see is compared line by line, but for what is different each time.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { runChild } from '../tools/child.ts';
import { programs } from '../tools/control-plane/flags.ts';
import { type ControlPlane, startControlPlane } from '../tools/control-plane.ts';
import { installPython } from '../tools/python.ts';
import { lacking } from '../tools/run-tool.ts';
import { tellJavascript } from './clients/javascript.ts';
import { tellKwok } from './clients/kwok.ts';
import { makePlace, type Place } from './clients/place.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { temporaryFolder } from './larder.ts';
import { mask } from './transcript/mask.ts';

const STORY = resolve(import.meta.dirname, 'clients', 'story.py');
const STORY_LIMIT_MS = 3 * 60_000;

const skip = await lacking(...programs);
const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });

interface Client {
  readonly name: string;
  readonly namespace: string;
  readonly tell: (place: Place) => Promise<readonly string[]>;
  readonly skip: string | false;
  readonly linesAtLeast: number;
}

const clients: readonly Client[] = [
  {
    name: 'the official JavaScript client',
    namespace: 'javascript',
    tell: tellJavascript,
    skip: false,
    linesAtLeast: 25,
  },
  {
    name: 'the official Python client',
    namespace: 'python',
    tell: tellPython,
    skip: python.kind === 'unavailable' ? python.reason : false,
    linesAtLeast: 25,
  },
  { name: 'client-go in kwok', namespace: 'kwok', tell: tellKwok, skip: await lacking('kwok'), linesAtLeast: 10 },
];

describe('other clients see the same on a cluster and on the embedded API', { skip }, () => {
  const removals: (() => void)[] = [];
  let plane: ControlPlane;
  let embedded: Cluster;

  before(async () => {
    plane = await startControlPlane();
    const folder = temporaryFolder((remove) => removals.push(remove), 'larder-clients-');
    embedded = await startCluster(folder, { node: false });
  });
  after(async () => {
    await embedded?.close();
    await plane?.close();
    for (const remove of removals) remove();
  });

  for (const client of clients) {
    test(client.name, { skip: client.skip }, async () => {
      const [cluster, own] = await Promise.all([tell(client, plane.kubeconfig), tell(client, embedded.kubeconfig)]);
      assert.ok(cluster.length >= client.linesAtLeast, cluster.join('\n'));
      assert.deepEqual(own, cluster);
    });
  }
});

async function tell(client: Client, kubeconfig: string): Promise<readonly string[]> {
  const url: string = parse(readFileSync(kubeconfig, 'utf8')).clusters[0].cluster.server;
  const lines = await client.tell(await makePlace(kubeconfig, client.namespace));
  return lines.map((line) => mask(line, { url, folder: STORY }));
}

async function tellPython({ kubeconfig, namespace }: Place): Promise<readonly string[]> {
  if (python.kind === 'unavailable') throw new Error(python.reason);
  const { code, output } = await runChild({
    command: python.path,
    args: [STORY, kubeconfig, namespace],
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1' },
    limitMs: STORY_LIMIT_MS,
  });
  assert.equal(code, 0, output);
  return output.trimEnd().split('\n');
}
