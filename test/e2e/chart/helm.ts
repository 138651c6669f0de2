/** helm with the chart of this repository. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { runTool } from '../../tools/run-tool.ts';
import { temporaryFolder } from '../larder.ts';

export const CHART = resolve(import.meta.dirname, '../../../deploy/helm/larder');

const rendered = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
export type Rendered = z.infer<typeof rendered>;

export interface Helm {
  /** Runs helm to its end; throws with what it said when it fails. */
  run(...args: readonly string[]): Promise<string>;
  /** What it says when it fails; throws when it does not. */
  refusal(...args: readonly string[]): Promise<string>;
  /** A file with these values, for `-f`. */
  values(values: object): string;
  /** `helm template` with these values. */
  render(values: object): Promise<readonly Rendered[]>;
}

export function helmFor(t: TestContext, kubeconfig?: string): Helm {
  const home = temporaryFolder((remove) => t.after(remove), 'larder-helm-');
  let files = 0;
  const call = (args: readonly string[]) =>
    runTool('helm', args, { home, env: kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig } });
  const helm: Helm = {
    async run(...args) {
      const { code, output } = await call(args);
      if (code !== 0) throw new Error(`helm ${args.join(' ')} ended with ${code}: ${output}`);
      return output;
    },
    async refusal(...args) {
      const { code, output } = await call(args);
      if (code === 0) throw new Error(`helm ${args.join(' ')} was not refused: ${output}`);
      return output;
    },
    values(values) {
      files += 1;
      const file = join(home, `values-${files}.yaml`);
      writeFileSync(file, stringify(values));
      return file;
    },
    render: async (values) =>
      objectsOf(await helm.run('template', 'mine', CHART, '--namespace', 'storage', '-f', helm.values(values))),
  };
  return helm;
}

function objectsOf(text: string): readonly Rendered[] {
  return parseAllDocuments(text).flatMap((document) => {
    const value: unknown = document.toJS();
    return value === null ? [] : [rendered.parse(value)];
  });
}

export function only(objects: readonly Rendered[], kind: string): Rendered {
  const [first, ...others] = objects.filter((each) => each.kind === kind);
  if (!first || others.length > 0) throw new Error(`${others.length + (first ? 1 : 0)} objects of the kind ${kind}`);
  return first;
}
