/**
 * `npm run soak [-- --seconds 600]`: claims come and go on a real control plane whose API server dies every so often,
 * while one of two operators is killed even more often. Ends with what was found: nothing lost, left over or doubled.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { kinds } from '../../src/kube/index.ts';
import { clientOf } from '../e2e/claims.ts';
import { eventually } from '../e2e/larder.ts';
import { startControlPlane } from '../tools/control-plane.ts';
import { type Account, account } from './account.ts';
import { Crowd } from './crowd.ts';
import { Pair } from './pair.ts';

export interface SoakOptions {
  readonly seconds: number;
  /** Claims made, and as many deleted, in a second. */
  readonly perSecond: number;
  readonly claims: number;
  /** Seconds between two restarts of the API server, and between two kills of an operator. */
  readonly restartEvery: number;
  readonly killEvery: number;
  readonly say: (line: string) => void;
}

export interface SoakReport extends Account {
  readonly made: number;
  readonly deleted: number;
  readonly restarts: number;
  readonly kills: number;
  /** Resident memory of the operators in MiB, as each was last seen before its end, oldest first. */
  readonly memory: readonly number[];
}

const CLASS = 'soak';
const SETTLED_WITHIN_SECONDS = 300;
/** kube-controller-manager binds six claims a second by itself. */
const FLAGS = { 'kube-controller-manager': ['--kube-api-qps=1000', '--kube-api-burst=1000'] };

/** Starts all that it needs, and ends it. @throws Error when what was asked for does not settle. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const plane = await startControlPlane({ flags: FLAGS });
  const folder = mkdtempSync(join(tmpdir(), 'larder-soak-'));
  const pair = new Pair(plane.kubeconfig, folder);
  try {
    const client = await clientOf(plane);
    await client.create(kinds.StorageClass, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: CLASS },
      provisioner: 'larder.dev/directory',
      reclaimPolicy: 'Delete',
      parameters: { pathPattern: '${.PVC.name}', onDelete: 'delete', trashRetention: 'never', export: 'nfs' },
    });
    await pair.start();
    const crowd = new Crowd({ client, folder, storageClass: CLASS, ...options });
    const end = performance.now() + options.seconds * 1000;
    const disturbed = await disturb({ options, end, restart: () => restart(plane), kill: () => pair.killOne() }, crowd);
    options.say(`${crowd.made} claims made, ${crowd.deleted} deleted; waiting for what is under way`);
    const settled = async (): Promise<true | undefined> => ((await crowd.isSettled()) ? true : undefined);
    await eventually('all claims to be Bound, and deleted volumes to be gone', settled, SETTLED_WITHIN_SECONDS);
    const found = await account(client, folder, crowd.marked);
    return { ...found, ...disturbed, made: crowd.made, deleted: crowd.deleted, memory: await pair.memory() };
  } finally {
    await pair.end();
    await plane.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Disturbance {
  readonly options: SoakOptions;
  /** Monotonic ms. */
  readonly end: number;
  readonly restart: () => Promise<void>;
  readonly kill: () => Promise<void>;
}

/** Lets the crowd live, and what it lives on die, side by side until the time is over. */
async function disturb(
  { options, end, restart, kill }: Disturbance,
  crowd: Crowd,
): Promise<{ readonly restarts: number; readonly kills: number }> {
  const going = (): boolean => performance.now() < end;
  const every = async (seconds: number, work: () => Promise<void>): Promise<number> => {
    for (let count = 0; ; count += 1) {
      const next = Math.min(performance.now() + seconds * 1000, end);
      while (performance.now() < next) await wait(Math.min(200, Math.max(1, next - performance.now())));
      if (!going()) return count;
      await work();
      options.say(
        `${Math.round((end - performance.now()) / 1000)} s left, ${crowd.made} made, ${crowd.deleted} deleted`,
      );
    }
  };
  const [restarts, kills] = await Promise.all([
    every(options.restartEvery, restart),
    every(options.killEvery, kill),
    crowd.live(going),
  ]);
  return { restarts, kills };
}

async function restart(plane: Awaited<ReturnType<typeof startControlPlane>>): Promise<void> {
  await plane.stop('kube-apiserver');
  await plane.start('kube-apiserver');
}

/** What is wrong with a report; empty when nothing is. */
export function faultsOf(report: SoakReport): readonly string[] {
  const { lost, orphans, duplicates, memory } = report;
  const third = Math.floor(memory.length / 3);
  const [first, last] = [Math.max(...memory.slice(0, third)), Math.max(...memory.slice(-third))];
  const swollen = third >= 2 && last > first * 1.3;
  return [
    ...lost.map((name) => `lost: ${name}`),
    ...orphans.map((name) => `orphan: ${name}`),
    ...duplicates.map((name) => `duplicate: ${name}`),
    ...(swollen ? [`memory grew from ${first} to ${last} MiB`] : []),
  ];
}

async function main(words: readonly string[]): Promise<number> {
  const at = words.indexOf('--seconds');
  const seconds = at < 0 ? 600 : Number(words[at + 1]);
  if (!Number.isFinite(seconds) || seconds <= 0) {
    process.stderr.write('--seconds needs a number of seconds\n');
    return 2;
  }
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const often = { restartEvery: Math.min(60, seconds / 3), killEvery: Math.min(30, seconds / 2.5) };
  const report = await soak({ seconds, perSecond: 20, claims: 2_000, ...often, say });
  say(JSON.stringify(report));
  const faults = faultsOf(report);
  for (const fault of faults) say(fault);
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
