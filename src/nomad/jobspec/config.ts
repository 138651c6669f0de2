import type { Free, Read } from './field.ts';
import type { Job, Task } from './job.ts';
import { emptyReading, type Reading, read } from './read.ts';
import { docker } from './schema/docker.ts';
import { exec, java, rawExec } from './schema/exec.ts';
import { podman } from './schema/podman.ts';
import type { Schema } from './schema/spec.ts';

export type DockerConfig = Read<typeof docker>;
export type PodmanConfig = Read<typeof podman>;
export type DockerMount = DockerConfig['mount'][number];

/** What the drivers know whose keys Larder knows; of any other driver every line is kept as it is. */
const schemas: ReadonlyMap<string, Schema> = new Map<string, Schema>([
  ['docker', docker],
  ['podman', podman],
  ['exec', exec],
  ['raw_exec', rawExec],
  ['java', java],
]);

/**
 * Tells of every task's `config` what its driver does not know. The lines themselves are items already. A plugin has
 * versions of its own, so nothing here keeps a job from being converted.
 */
export function checkConfigs(job: Job, reading: Reading): void {
  for (const { driver, config } of job.group.flatMap(({ task }) => task)) {
    const schema = schemas.get(driver?.value ?? '');
    if (!schema || !config) continue;
    const found = emptyReading();
    read(schema, sourceOf(config), found);
    reading.unknown.push(...found.unknown);
    reading.diagnostics.push(...found.diagnostics.map((each) => ({ ...each, severity: 'warning' as const })));
  }
}

/**
 * Every rule of a driver asks for the `config` of one task, and then of the next: what was read last is remembered. To keep
 * all of them would weigh 130 MB for 500 jobs.
 */
function readerOf<S extends Schema>(schema: S): (config: Free | undefined) => Read<S> | undefined {
  let last: { readonly config: Free; readonly value: Read<S> } | undefined;
  return (config) => {
    if (config === undefined) return undefined;
    if (last?.config !== config) last = { config, value: read(schema, sourceOf(config), emptyReading()) };
    return last.value;
  };
}

const readDocker = readerOf(docker);
const readPodman = readerOf(podman);
const readExec = readerOf(exec);
const readRawExec = readerOf(rawExec);
const readJava = readerOf(java);

/** The `config` of a task, typed; undefined for another driver, or without any. */
export function dockerConfig({ driver, config }: Task): DockerConfig | undefined {
  return driver?.value === 'docker' ? readDocker(config) : undefined;
}

export function podmanConfig({ driver, config }: Task): PodmanConfig | undefined {
  return driver?.value === 'podman' ? readPodman(config) : undefined;
}

export function execConfig({ driver, config }: Task): Read<typeof exec> | undefined {
  return driver?.value === 'exec' || driver?.value === 'exec2' ? readExec(config) : undefined;
}

export function rawExecConfig({ driver, config }: Task): Read<typeof rawExec> | undefined {
  return driver?.value === 'raw_exec' ? readRawExec(config) : undefined;
}

export function javaConfig({ driver, config }: Task): Read<typeof java> | undefined {
  return driver?.value === 'java' ? readJava(config) : undefined;
}

function sourceOf(config: Free) {
  return { ...config, labels: [] };
}
