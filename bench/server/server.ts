/** Servers to measure, each in processes of its own and reached over TLS. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Client, connect, createClient } from '../../src/kube/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { type ControlPlaneOptions, missingControlPlane, startControlPlane } from '../../test/tools/control-plane.ts';

export interface Server {
  readonly name: string;
  readonly client: Client;
  /** Path. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

/** The embedded API alone, durable, without controllers. */
export async function startEmbedded(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-bench-server-'));
  const program = join(import.meta.dirname, 'embedded.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, folder], {
    stdio: ['pipe', 'pipe', 'inherit'], // it ends when its input does
  });
  const [kubeconfig]: string[] = await once(createInterface({ input: child.stdout }), 'line');
  if (kubeconfig === undefined) throw new Error('the embedded API did not say where it is');
  return {
    name: 'the embedded API',
    ...(await reach(kubeconfig)),
    kubeconfig,
    async stop() {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** kube-apiserver with etcd, which does not wait for its disk; a text is the reason why there is none. */
export async function startReal(options: ControlPlaneOptions = {}): Promise<Server | string> {
  const missing = await missingControlPlane();
  if (missing !== undefined) return missing;
  const plane = await startControlPlane(options);
  return {
    name: 'kube-apiserver',
    ...(await reach(plane.kubeconfig)),
    kubeconfig: plane.kubeconfig,
    stop: () => plane.close(),
  };
}

async function reach(kubeconfig: string): Promise<{ readonly client: Client }> {
  const { transport } = await connect({ kubeconfig, clock: systemClock });
  return { client: createClient({ transport, clock: systemClock, random: systemRandom, userAgent: 'bench' }) };
}

/** What a bench says where there is no real control plane. */
export const withoutReal = (why: string): string => `Without a real control plane, on the embedded API only: ${why}`;
