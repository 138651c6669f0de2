/** Looking into converted manifests without knowing their whole shape. */
import assert from 'node:assert/strict';
import type { Plain } from '../../src/nomad/source/node.ts';
import { accountsOf, type Given, type Translated, translated } from './translated.ts';

/** The value at a path of keys and indexes; undefined where there is none. */
export function at(value: Plain | undefined, ...path: readonly (string | number)[]): Plain | undefined {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.entries(found).find(([name]) => name === String(key))?.[1];
  }
  return found;
}

export function list(value: Plain | undefined): readonly Plain[] {
  return Array.isArray(value) ? value : [];
}

/** One converted job, and questions about it. */
export interface Looked extends Translated {
  /** The workload, by the stem of its file. */
  readonly workload: (stem?: string) => Plain;
  /** The pod's spec. */
  readonly pod: (stem?: string) => Plain;
  /** A container or init container of the only workload, by its name. */
  readonly container: (name: string, stem?: string) => Plain | undefined;
  /** Class and text of what became of a line; the worst where several rows speak of it. */
  readonly classOf: (path: string) => string | undefined;
}

const worse = ['direct', 'dropped', 'approximate', 'manual'];

export function looked(text: string | readonly string[], given: Given = {}): Looked {
  const result = translated(text, given);
  const stems = ['deployment', 'statefulset', 'daemonset', 'job', 'cronjob'];
  const workload = (stem?: string): Plain => {
    const found = [...result.manifests].find(([file]) =>
      stem === undefined ? stems.some((each) => file.startsWith(each)) : file === `${stem}.yaml`,
    );
    return found?.[1] ?? assert.fail(`no workload ${stem ?? ''} among ${[...result.manifests.keys()].join(', ')}`);
  };
  const pod = (stem?: string): Plain => {
    const object = workload(stem);
    const spec = at(object, 'spec', 'jobTemplate', 'spec') ?? at(object, 'spec');
    return at(spec, 'template', 'spec') ?? assert.fail('no pod');
  };
  const container = (name: string, stem?: string): Plain | undefined => {
    const spec = pod(stem);
    const all = [...list(at(spec, 'initContainers')), ...list(at(spec, 'containers'))];
    return all.find((each) => at(each, 'name') === name);
  };
  const classOf = (path: string): string | undefined => {
    const classes = accountsOf(result, path).map((account) => account.class);
    return worse.findLast((each) => classes.some((of) => of === each));
  };
  return { ...result, workload, pod, container, classOf };
}

/** A job with one group and one docker task, and what stands in them. */
export interface Parts {
  readonly job?: string;
  readonly group?: string;
  readonly task?: string;
  readonly config?: string;
  readonly driver?: string;
}

export function jobOf({ job = '', group = '', task = '', config = '', driver = 'docker' }: Parts): string {
  return `job "web" {
  ${job}
  group "app" {
    ${group}
    task "app" {
      driver = "${driver}"
      ${task}
      config {
        image = "nginx:1.27.3"
        ${config}
      }
    }
  }
}`;
}
