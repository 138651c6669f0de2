import { readFileSync } from 'node:fs';
import type { Plain } from '../../src/nomad/source/node.ts';
import { type Given, type Translated, translated } from './translated.ts';

/** A job of the corpus, translated alone. */
export function fixture(name: string, given: Given = {}): Translated {
  return translated(readFileSync(`test/fixtures/nomad/jobs/${name}/jobspec.nomad.hcl`, 'utf8'), given);
}

/** What stands at a path of keys and indexes; undefined where there is nothing. */
export function at(value: Plain | undefined, ...path: readonly (string | number)[]): Plain | undefined {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.entries(found).find(([key]) => key === String(step))?.[1];
  }
  return found;
}

/** A container of the workload in a manifest, by its name; init containers too. */
export function container({ manifests }: Translated, name: string, file = 'deployment.yaml'): Plain | undefined {
  const spec = at(manifests.get(file), 'spec', 'template', 'spec');
  const all = [at(spec, 'initContainers') ?? [], at(spec, 'containers') ?? []].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return all.find((each) => at(each, 'name') === name);
}

/** An entry of a list by the value of a key. */
export function entry(list: Plain | undefined, key: string, value: string): Plain | undefined {
  return Array.isArray(list) ? list.find((each) => at(each, key) === value) : undefined;
}

/** Of a pod, by its name. */
export function volume({ manifests }: Translated, name: string, file = 'deployment.yaml'): Plain | undefined {
  return entry(at(manifests.get(file), 'spec', 'template', 'spec', 'volumes'), 'name', name);
}
