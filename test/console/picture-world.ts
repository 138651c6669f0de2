/** A Larder as somebody has it at home, for the pictures: claims of some teams that fill while it runs. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { putPolicy } from '../../src/expand/policy/policies.fixture.ts';
import { type Client, kinds } from '../../src/kube/index.ts';
import { applyClaim, bound, clientOf } from '../e2e/claims.ts';
import type { Larder } from '../e2e/larder.ts';

interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly sizeMi: number;
  /** What is in it at the end. */
  readonly usedMi: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

const managed = {
  'pvc-chonker.io/enabled': 'true',
  'pvc-chonker.io/cooldown': '10s',
  'pvc-chonker.io/min-scale-up': '4Mi',
  'pvc-chonker.io/increase': '25%',
};

const claims: readonly Wanted[] = [
  {
    ...{ namespace: 'media', name: 'plex-config', sizeMi: 20, usedMi: 34 },
    annotations: { 'pvc-chonker.io/max-size': '40Mi' },
  },
  { namespace: 'media', name: 'jellyfin-cache', sizeMi: 30, usedMi: 22 },
  { namespace: 'media', name: 'photos-thumbs', sizeMi: 24, usedMi: 6 },
  { namespace: 'media', name: 'music', sizeMi: 40, usedMi: 8 },
  { namespace: 'dev', name: 'gitlab-repo', sizeMi: 50, usedMi: 23 },
  { namespace: 'dev', name: 'gitlab-registry', sizeMi: 24, usedMi: 31 },
  { namespace: 'dev', name: 'postgres-data', sizeMi: 32, usedMi: 12 },
  { namespace: 'dev', name: 'ci-cache', sizeMi: 20, usedMi: 19, annotations: { 'larder.dev/paused': 'true' } },
  { namespace: 'home', name: 'nextcloud', sizeMi: 64, usedMi: 41 },
  { namespace: 'home', name: 'homeassistant', sizeMi: 16, usedMi: 5 },
  { namespace: 'home', name: 'paperless', sizeMi: 20, usedMi: 3 },
  { namespace: 'monitoring', name: 'prometheus', sizeMi: 24, usedMi: 30 },
  { namespace: 'monitoring', name: 'grafana', sizeMi: 16, usedMi: 2 },
];

/** Made, and deleted again: what the trash has. */
const deleted: readonly Wanted[] = [
  { namespace: 'media', name: 'old-recordings', sizeMi: 20, usedMi: 4 },
  { namespace: 'dev', name: 'review-142-data', sizeMi: 16, usedMi: 2 },
];

const STEPS = 10;
const STEP_MS = 8_000;
const MIB = 2 ** 20;

/** Takes a minute and a half: a picture of growth needs some. */
export async function fillWorld(larder: Larder): Promise<void> {
  const client = await clientOf(larder);
  for (const name of new Set(claims.map(({ namespace }) => namespace))) {
    await client.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const { namespace, name, sizeMi, annotations } of claims) {
    const own = { ...managed, ...annotations };
    await applyClaim(client, { namespace, name, size: `${sizeMi}Mi`, storageClass: 'larder', annotations: own });
    await bound(client, namespace, name);
  }
  await fillTrash(client, larder);
  const selector = { matchLabels: { tier: 'database' } };
  await putPolicy(client, 'databases', { selector, template: { threshold: '70%', maxSize: '2Gi' } }, 'dev');
  await putPolicy(client, 'defaults', { selector: {}, template: { threshold: '85%', cooldown: '6h' } }, 'home');
  const folders = readdirSync(larder.export);
  for (let step = 0; step < STEPS; step += 1) {
    for (const { namespace, name, usedMi } of claims) {
      const folder = folders.find((each) => each.startsWith(`${namespace}-${name}-`));
      if (folder === undefined) throw new Error(`no directory for ${namespace}/${name}`);
      const bytes = Math.round((usedMi * MIB) / STEPS);
      writeFileSync(join(larder.export, folder, `part-${step}`), Buffer.alloc(bytes, 1));
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

async function fillTrash(client: Client, larder: Larder): Promise<void> {
  for (const { namespace, name, sizeMi, usedMi } of deleted) {
    await applyClaim(client, { namespace, name, size: `${sizeMi}Mi`, storageClass: 'larder', annotations: managed });
    await bound(client, namespace, name);
    const folder = readdirSync(larder.export).find((each) => each.startsWith(`${namespace}-${name}-`));
    if (folder === undefined) throw new Error(`no directory for ${namespace}/${name}`);
    writeFileSync(join(larder.export, folder, 'data'), Buffer.alloc(usedMi * MIB, 1));
    await client.delete(kinds.PersistentVolumeClaim, { namespace, name });
  }
}
