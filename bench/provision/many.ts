/** What `larder operator` weighs, and what it does when nothing happens, with 10,000 volumes of claims that are bound. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, kinds } from '../../src/kube/index.ts';
import type { RunningOperator } from '../../test/e2e/larder.ts';
import { childrenOf, cpuMsOf, residentMiB } from '../../test/tools/process.ts';
import type { BenchRow } from '../report.ts';
import { claimOf, each } from '../server/load.ts';
import type { Server } from '../server/server.ts';

const MANY = 10_000;
/** In which every volume is measured and decided on for the first time: that is work of the burst, and no rest. */
const FIRST_MS = 90_000;
/** Until what that took is given back too. */
const SETTLE_MS = 120_000;
const QUIET_MS = 60_000;
const ATTEMPTS = 5;

/** Of that class, which provisions directories: what is missing of the 10,000 is made. */
export async function measureMany(
  { client }: Server,
  { pid }: RunningOperator,
  className: string,
): Promise<readonly BenchRow[]> {
  await makeMany(client, className);
  const [child = pid] = childrenOf(pid);
  const shares = async (ms: number): Promise<readonly [main: number, child: number]> => {
    const before = [cpuMsOf(pid), cpuMsOf(child)] as const;
    await pause(ms);
    return [(100 * (cpuMsOf(pid) - before[0])) / ms, (100 * (cpuMsOf(child) - before[1])) / ms];
  };
  const first = await shares(FIRST_MS);
  await pause(SETTLE_MS);
  const rest = await shares(QUIET_MS);
  const weight = (what: string, process: number, most: number): BenchRow => {
    const median = residentMiB(process);
    return { what, unit: 'MiB', median, bar: { text: `< ${most} MiB`, met: median < most } };
  };
  const quiet = `a quiet minute with ${MANY} volumes`;
  const after = `the first ${FIRST_MS / 1_000} s after the last of ${MANY} claims was bound`;
  return [
    weight(`RSS, main process with ${MANY} volumes`, pid, 180),
    weight('RSS, process of the export', child, 70),
    {
      what: `${quiet}, main process`,
      unit: '% of a processor',
      median: rest[0],
      bar: { text: '< 1 %', met: rest[0] < 1 },
    },
    { what: `${quiet}, process of the export`, unit: '% of a processor', median: rest[1] },
    { what: `${after}, main process`, unit: '% of a processor', median: first[0] },
    { what: `${after}, process of the export`, unit: '% of a processor', median: first[1] },
  ];
}

async function makeMany(client: Client, className: string): Promise<void> {
  const { items } = await client.list(kinds.PersistentVolumeClaim);
  const made = items.filter(({ spec }) => spec.storageClassName === className);
  const missing = Math.max(0, MANY - made.length);
  await each(missing, (index) => client.create(kinds.PersistentVolumeClaim, claimOf(`many-${index}`, className)));
  for (;;) {
    const volumes = await client.list(kinds.PersistentVolume);
    const saved = volumes.items.filter(({ spec }) => spec.storageClassName === className);
    if (saved.length >= MANY) break;
    await pause(1_000);
  }
  // kube-controller-manager would take minutes for it, and goes on with what it finds.
  const { items: claims } = await client.list(kinds.PersistentVolumeClaim);
  const unbound = claims.filter(({ status }) => status?.phase !== 'Bound').map(({ metadata }) => metadata);
  await each(unbound.length, async (index) => {
    const claim = unbound[index];
    if (claim) await bind(client, claim.name, `pvc-${claim.uid}`);
  });
}

/** As kube-controller-manager does it. It may be at the same claim: then once more. */
async function bind(client: Client, name: string, volume: string): Promise<void> {
  const claim = { namespace: 'default', name };
  const subresource = 'status';
  for (let attempt = 1; ; attempt += 1) {
    try {
      const status = { phase: 'Bound', accessModes: ['ReadWriteMany'], capacity: { storage: '1Gi' } };
      await client.patch(kinds.PersistentVolume, { name: volume }, merge({ status: { phase: 'Bound' } }), {
        subresource,
      });
      const annotations = { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' };
      const bound = merge({ metadata: { annotations }, spec: { volumeName: volume } });
      await client.patch(kinds.PersistentVolumeClaim, claim, bound);
      await client.patch(kinds.PersistentVolumeClaim, claim, merge({ status }), { subresource });
      return;
    } catch (failure) {
      if (attempt === ATTEMPTS) throw failure;
    }
  }
}

const merge = (value: object) => ({ kind: 'merge', value }) as const;
