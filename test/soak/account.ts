/** What is there at the end, against what must be. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, kinds } from '../../src/kube/index.ts';
import { MARKER } from './crowd.ts';

export interface Account {
  /** Directories that are nowhere, neither in their place nor in the trash, with what was written into them. */
  readonly lost: readonly string[];
  /** Directories without a volume, and volumes without a directory or a claim. */
  readonly orphans: readonly string[];
  /** Claims with more than one volume, and directories that are there twice. */
  readonly duplicates: readonly string[];
}

/** `marked`: uids of claims by name; each wrote its uid into its directory. */
export async function account(client: Client, folder: string, marked: ReadonlyMap<string, string>): Promise<Account> {
  const { items: claims } = await client.list(kinds.PersistentVolumeClaim);
  const { items: volumes } = await client.list(kinds.PersistentVolume);
  const inPlace = readdirSync(folder).filter((name) => name !== '.larder');
  const trash = join(folder, '.larder', 'trash');
  const away = readdirSync(trash).filter((name) => !name.endsWith('.json'));
  const seen = new Map<string, number>();
  for (const path of [...inPlace.map((name) => join(folder, name)), ...away.map((name) => join(trash, name))]) {
    const marker = join(path, MARKER);
    const uid = existsSync(marker) ? readFileSync(marker, 'utf8') : '';
    seen.set(uid, (seen.get(uid) ?? 0) + 1);
  }
  const living = new Set(claims.map(({ metadata }) => metadata.uid));
  const owners = volumes.map(({ spec }) => spec.claimRef?.uid ?? '');
  const paths = new Set(volumes.map(({ spec }) => spec.nfs?.path.split('/').at(-1) ?? ''));
  const misplaced = claims.filter(({ metadata }) => {
    const uid = marked.get(metadata.name);
    const marker = join(folder, metadata.name, MARKER);
    return uid !== undefined && !(existsSync(marker) && readFileSync(marker, 'utf8') === uid);
  });
  return {
    lost: [
      ...[...marked].flatMap(([name, uid]) => (seen.has(uid) ? [] : [`what ${name} wrote`])),
      ...misplaced.map(({ metadata }) => `the directory of ${metadata.name}`),
    ],
    orphans: [
      ...inPlace.filter((name) => !paths.has(name)).map((name) => `directory ${name} without a volume`),
      ...[...paths].filter((name) => !inPlace.includes(name)).map((name) => `volume of ${name} without a directory`),
      ...owners.filter((uid) => !living.has(uid)).map((uid) => `volume of claim ${uid}, which is gone`),
    ],
    duplicates: [
      ...owners.filter((uid, index) => owners.indexOf(uid) !== index).map((uid) => `volumes of claim ${uid}`),
      ...[...marked].filter(([, uid]) => (seen.get(uid) ?? 0) > 1).map(([name]) => `directories of ${name}`),
    ],
  };
}
