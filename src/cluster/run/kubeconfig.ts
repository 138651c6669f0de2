import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../../kube/error.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { RunError } from './run-error.ts';

interface Place {
  readonly env: NodeJS.ProcessEnv;
  readonly spec: ClusterSpec;
}

/** Where the bootstrap puts the kubeconfig of a cluster; ~/.kube/config is left alone. */
export function kubeconfigPath({ env, spec }: Place): string {
  return join(env['HOME'] || homedir(), '.kube', `${spec.name}.yaml`);
}

/** @throws RunError LARDER_RUN_JOURNAL where it cannot be made: better before a run than at its end. */
export function makeKubeconfigFolder(place: Place): void {
  const folder = dirname(kubeconfigPath(place));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const message = `the folder ${folder} for the kubeconfig cannot be made: ${messageOf(cause)}; nothing was begun`;
    throw new RunError('LARDER_RUN_JOURNAL', message, { cause });
  }
}
