/**
 * What kubelets write of their nodes while nothing happens: the status of each, with new times in its conditions, once in
 * five minutes (nodeStatusReportFrequency of the KubeletConfiguration, Kubernetes 1.36). Their Leases are left out: nobody
 * here watches those.
 */
import { type Client, kinds } from '../../src/kube/index.ts';
import { systemClock as clock, sleep } from '../../src/telemetry/clock.ts';

const EVERY_MS = 300_000;
const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure'];

export interface Heartbeats {
  /** How many were written so far. */
  readonly written: () => number;
  /** Resolves when none is under way; rejects when one was refused. */
  stop(): Promise<void>;
}

/** The nodes in turn, so that they are spread over the time as those of a cluster are. */
export function startHeartbeats(client: Client, names: readonly string[]): Heartbeats {
  const ending = new AbortController();
  let written = 0;
  const beat = async (): Promise<void> => {
    const startMs = clock.monotonic();
    for (let turn = 0; !ending.signal.aborted; turn += 1) {
      const name = names[turn % names.length] ?? '';
      await client.patch(kinds.Node, { name }, { kind: 'merge', value: statusNow() }, { subresource: 'status' });
      written += 1;
      const restMs = startMs + ((turn + 1) * EVERY_MS) / names.length - clock.monotonic();
      await sleep(clock, Math.max(0, restMs), ending.signal).catch(() => undefined); // only the signal rejects
    }
  };
  const running = names.length === 0 ? Promise.resolve() : beat();
  running.catch(() => undefined); // told by stop
  return {
    written: () => written,
    stop() {
      ending.abort();
      return running;
    },
  };
}

function statusNow(): object {
  const lastHeartbeatTime = new Date(clock.now()).toISOString();
  const condition = (type: string, status: string, reason: string) => ({ type, status, reason, lastHeartbeatTime });
  const conditions = [
    ...PRESSURES.map((type) => condition(type, 'False', `KubeletHasNo${type}`)),
    condition('Ready', 'True', 'KubeletReady'),
  ];
  return { status: { conditions } };
}
