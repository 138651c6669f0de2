import { minute, type Told, told } from '../teller.ts';
import { incident, node, rebuild, runStarted, type Vector } from './vector.ts';

const ten: readonly Told[] = Array.from({ length: 10 }, (_, index) => node(`pi-${index + 1}`, index + 1));

function deviation(more: Readonly<Record<string, unknown>> = {}): Told {
  return told('deviation-recorded', { deviationId: 'd1', rule: 'node-count', reason: 'a lab', ...more });
}
function finished(more: Readonly<Record<string, unknown>> = {}): Told {
  return told('run-finished', { runId: 'r2', completedAt: minute(100), status: 'success', ...more });
}
const failed = rebuild({ status: 'failed' });
const twice = [
  { nodeId: 'pi-1', role: 'worker' },
  { nodeId: 'pi-1', role: 'worker' },
];

export const nodeVectors: readonly Vector[] = [
  {
    rule: 'node-unique',
    about: 'an address; the node itself may say it again',
    before: [node('pi-1', 1)],
    keeps: node('pi-1', 1, { hardwareProfile: '8 GB' }),
    breaks: node('pi-2', 1, { etcdPeer: '10.0.0.2:2380' }),
    names: 'pi-1',
  },
  {
    rule: 'node-unique',
    about: 'an address of IPv6 in another text',
    before: [node('pi-1', 1, { ipAddress: 'fd00::1' })],
    keeps: node('pi-2', 2, { ipAddress: 'fd00::2' }),
    breaks: node('pi-2', 2, { ipAddress: 'fd00:0:0:0:0:0:0:1' }),
    names: 'ipAddress',
  },
  {
    rule: 'node-unique',
    about: 'a host name, whatever its case',
    before: [node('pi-1', 1)],
    keeps: node('pi-2', 2),
    breaks: node('pi-2', 2, { hostname: 'PI-1.local.' }),
    names: 'hostname',
  },
  {
    rule: 'node-unique',
    about: 'an etcd peer, with and without its default port',
    before: [node('pi-1', 1)],
    keeps: node('pi-2', 2, { etcdPeer: '10.0.0.1:2381' }),
    breaks: node('pi-2', 2, { etcdPeer: 'https://10.0.0.1' }),
    names: 'etcdPeer',
  },
  {
    rule: 'node-peer',
    about: 'a worker is no member of etcd',
    before: [],
    keeps: node('pi-4', 4, { role: 'worker', etcdPeer: undefined }),
    breaks: node('pi-4', 4, { role: 'worker' }),
    names: 'pi-4',
  },
  {
    rule: 'node-count',
    about: 'an eleventh',
    before: ten,
    keeps: node('pi-10', 10, { hardwareProfile: 'new' }),
    breaks: node('pi-11', 11),
    names: 'pi-11',
  },
  {
    rule: 'node-count',
    about: 'an eleventh after the deviation has ended',
    before: [...ten, deviation({ expiresAt: '2026-03-01T12:00:00Z' })],
    keeps: { ...node('pi-11', 11), at: '2026-03-01T11:59:59.999Z' },
    breaks: { ...node('pi-11', 11), at: '2026-03-01T12:00:00.000Z' },
    names: 'pi-11',
  },
  {
    rule: 'id-known',
    about: 'removing a node that is not there; one that went makes room',
    before: [...ten, told('node-removed', { nodeId: 'pi-3', reason: 'broken' })],
    keeps: node('pi-11', 3),
    breaks: told('node-removed', { nodeId: 'pi-3', reason: 'broken' }),
    names: 'pi-3',
  },
  {
    rule: 'run-nodes',
    about: 'a node twice',
    before: [],
    keeps: runStarted(),
    breaks: runStarted({ nodes: twice }),
    names: 'pi-1',
  },
  {
    rule: 'run-pending',
    about: 'a run ends twice',
    before: [runStarted(), finished()],
    breaks: finished({ status: 'failed' }),
    names: 'r2',
  },
  {
    rule: 'run-after-failure',
    about: 'no incident; a fact of the past is recorded all the same',
    before: [failed],
    keeps: rebuild({ runId: 'r2' }),
    breaks: runStarted(),
    names: 'r1',
  },
  {
    rule: 'run-after-failure',
    about: 'an incident without a remediation',
    before: [failed, incident({ runIds: ['r1'] })],
    breaks: runStarted({ incidentId: 'i1' }),
    names: 'r1',
  },
  {
    rule: 'run-after-failure',
    about: 'an incident with a remediation that is for another run',
    before: [failed, incident({ remediation: 'new card' })],
    keeps: runStarted({ incidentId: 'i1' }),
    breaks: runStarted(),
    names: 'r1',
  },
  {
    rule: 'run-after-failure',
    about: 'the failure is on one of two nodes; a later success clears it',
    before: [
      failed,
      rebuild({ runId: 'r3', nodeId: 'pi-2', status: 'failed' }),
      rebuild({ runId: 'r4', nodeId: 'pi-2' }),
    ],
    keeps: runStarted({ nodes: [{ nodeId: 'pi-2', role: 'worker' }] }),
    breaks: runStarted({
      nodes: [
        { nodeId: 'pi-2', role: 'worker' },
        { nodeId: 'pi-1', role: 'worker' },
      ],
    }),
    names: 'pi-1',
  },
  {
    rule: 'run-after-failure',
    about: 'a success that ended before the failure clears nothing, in whatever order they were recorded',
    before: [failed, rebuild({ runId: 'r0', completedAt: minute(39) })],
    breaks: runStarted(),
    names: 'r1',
  },
];
