/** One kubectl with one server behind it, and the ways in which tests ask it. */
import assert from 'node:assert/strict';
import { createKubectl, type Kubectl, type KubectlRunOptions } from '../tools/kubectl.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { temporaryFolder } from './larder.ts';
import { documents, split } from './transcript/scene.ts';

export interface Session {
  readonly kubectl: Kubectl;
  readonly cluster: Cluster;
  /** Standard output of a command that succeeds. Words are split at spaces outside single quotes. */
  run(line: string, options?: KubectlRunOptions): Promise<string>;
  /** Standard error of a command that fails with exit code 1. */
  refused(line: string, options?: KubectlRunOptions): Promise<string>;
  /** `apply -f -`, or another command that reads manifests, with these. */
  apply(manifest: object | readonly object[], line?: string): Promise<string>;
  /** Repeats a command that shows the state until it shows what is expected; each try is a whole kubectl, so it is slow enough. */
  waitFor(line: string, expected: RegExp): Promise<string>;
  close(): Promise<void>;
}

export async function startSession(path: string): Promise<Session> {
  const removals: (() => void)[] = [];
  const home = temporaryFolder((remove) => removals.push(remove), 'larder-kubectl-');
  const cluster = await startCluster(home);
  const kubectl = createKubectl({ path, kubeconfig: cluster.kubeconfig, home });

  const run: Session['run'] = async (line, options) => {
    const { code, stdout, stderr } = await kubectl(split(line), options);
    assert.equal(code, 0, `kubectl ${line}\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    kubectl,
    cluster,
    run,
    async refused(line, options) {
      const { code, stdout, stderr } = await kubectl(split(line), options);
      assert.equal(code, 1, `kubectl ${line}\n${stdout}${stderr}`);
      return stderr;
    },
    apply: (manifest, line = 'apply -f -') => run(line, { input: documents(...[manifest].flat()) }),
    async waitFor(line, expected) {
      let shown = '';
      for (let attempt = 0; attempt < 50; attempt += 1) {
        shown = await run(line);
        if (expected.test(shown)) return shown;
      }
      assert.fail(`never saw ${expected} in\n${shown}`);
    },
    async close() {
      await cluster.close();
      for (const remove of removals) remove();
    },
  };
}

/** The cells of a table: two spaces or more separate them. */
export function rowsOf(table: string): string[][] {
  const lines = table.trimEnd().split('\n');
  return lines.map((line) => line.split(/\s{2,}/).map((cell) => cell.trim()));
}
