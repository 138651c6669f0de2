/** An operators' repository with a ledger, for the cluster screen. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ledgerEvent } from '../../src/ledger/event.ts';
import { openRecorder } from '../../src/ledger/recorder.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { ledgerSite, type Site } from '../e2e/ledger-person.ts';

export interface ClusterWorld {
  readonly site: Site;
  /** For `larder up` and `larder operator`: its ledger, who signs, its cluster.yaml. */
  readonly args: readonly string[];
  /** Nobody's home and agent. */
  readonly env: Record<string, string>;
}

const DAY_MS = 86_400_000;

const SPEC = `name: home
k3s: {version: v1.34.2+k3s1}
nodes:
  - {name: pi-1.local, address: 127.0.0.11, role: server-agent, storage: ssd, hardware: rpi4-8gb}
`;

const IGNORE = `ignore:
  - {kind: manifest, object: "ConfigMap default/sett*", reason: slow until the new disks are in, expires: 2999-01-01}
`;

/** `planted`: a text that comes up in names and messages. */
export async function clusterWorld(t: Pick<TestContext, 'after'>, planted: string): Promise<ClusterWorld> {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  await done(site.ledger(['init', '--operator', 'ana'], ana));
  writeFileSync(join(site.root, 'cluster.yaml'), SPEC);
  writeFileSync(join(site.root, 'drift-ignore.yaml'), IGNORE);
  const env = { HOME: site.folder, SSH_AUTH_SOCK: '' };
  const by = { clock: systemClock, random: systemRandom, key: ana.key, commit: false };
  const recorder = await openRecorder({ target: site.root, env, ...by });
  for (const [type, data] of events(planted)) {
    const recorded = await recorder.record(systemRandom.uuid(), ledgerEvent.parse({ type, data }));
    if (recorded.kind !== 'recorded') throw new Error(recorded.why);
  }
  const args = ['--ledger', site.root, '--ledger-key', ana.key, '--repository', site.root];
  return { site, args, env };
}

async function done(run: Promise<{ readonly code: number | string; readonly stderr: string }>): Promise<void> {
  const { code, stderr } = await run;
  if (code !== 0) throw new Error(stderr);
}

const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

function events(planted: string): readonly (readonly [string, object])[] {
  const node = { kind: 'node', object: 'Node pi-1', message: 'label larder.dev/disk is not there and should be "usb"' };
  const manifest = { kind: 'manifest', object: `Deployment shop/${planted}`, message: `replicas is ${planted}` };
  const ignored = { reason: 'slow until the new disks are in', expiresAt: '2999-01-01T00:00:00Z' };
  const left = { kind: 'manifest', object: 'ConfigMap default/settings', message: 'data.mode is "slow"', ignored };
  const orphans = Array.from({ length: 21 }, (_, index) => ({
    ...{ kind: 'orphan', object: `ConfigMap default/orphan-${index}`, message: 'is in no manifest any more' },
  }));
  const rotation = { rotationId: 'r1', rotationScope: 'age', initiatedAt: ago(81), verificationSteps: ['it opens'] };
  const due = { ...rotation, nextRotationDue: ago(-9) };
  const drill = { initiatedBy: 'ana', startedAt: ago(0.01), completedAt: ago(0) };
  return [
    [
      'node-recorded',
      { nodeId: 'pi-1.local', hostname: 'pi-1', role: 'server-agent', ipAddress: '192.0.2.11', etcdPeer: '192.0.2.11' },
    ],
    [
      'rebuild-recorded',
      {
        runId: 'b1',
        nodeId: 'pi-1.local',
        startedAt: ago(20.03),
        completedAt: ago(20),
        initiatedBy: 'ana',
        status: 'success',
      },
    ],
    ['drift-reported', { reportId: 'd1', observedAt: ago(4), verdict: 'drift', findings: [node] }],
    [
      'drift-reported',
      {
        reportId: 'd2',
        observedAt: ago(0.2),
        verdict: 'drift',
        findings: [node, manifest, left, ...orphans],
        unknown: ['host pi-1.local: cannot be reached'],
      },
    ],
    ['drill-recorded', { ...drill, drillId: 'q1', kind: 'quorum', result: 'success' }],
    ['drill-recorded', { ...drill, drillId: 'f1', kind: 'failover', result: 'failed', notes: planted }],
    ['rotation-recorded', { ...due, status: 'in-progress' }],
    ['rotation-recorded', { ...due, status: 'verified', completedAt: ago(80.9) }],
    [
      'alert-route-recorded',
      { routeId: 'node-offline', alertName: 'NodeOffline', severity: 'critical', channel: 'pager' },
    ],
  ];
}
