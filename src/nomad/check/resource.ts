import { bytesOf } from '../../kube/quantity.ts';
import { dig, maps, word } from './dig.ts';
import type { Finding } from './finding.ts';
import { type Check, type Placed, type Subject, type TaskSubject, tasksOf } from './subject.ts';
import { type Container, labelOf, type Workload } from './workload.ts';

/** C8: memory as the job reserves it, and requests and limits on every container. */
export const resource: Check = {
  id: 'C8',
  title: 'resources',
  run: (subject) => [
    ...subject.workloads.flatMap((workload) =>
      workload.containers.flatMap((container) => bareFindings(subject, { workload, container })),
    ),
    ...tasksOf(subject).flatMap((task) => task.containers.flatMap((placed) => memoryFindings(subject, task, placed))),
  ],
};

function bareFindings({ policy, jobs }: Subject, { workload, container }: Placed): readonly Finding[] {
  const wanted = [
    ['requests', 'cpu'],
    ['requests', 'memory'],
    ...(policy.cpu.limits ? [['limits', 'cpu'] as const] : []),
    ...(unlimited(jobs, container) ? [] : [['limits', 'memory'] as const]),
  ] as const;
  const lacking = wanted.filter(([kind, name]) => dig(container.spec, 'resources', kind, name) === undefined);
  if (lacking.length === 0) return [];
  const message = `${container.name} has no ${lacking.map((path) => path.join('.')).join(', ')}`;
  const where = { file: workload.manifest.file, line: workload.manifest.lineOf(...container.path, 'resources') };
  const todo = 'Write them: a container without can starve its node, and is the first to be ended.';
  // without the jobs nobody knows whether the task may use all that the node has
  const perhaps = jobs.length === 0 && lacking.every((path) => path.join('.') === 'limits.memory');
  const severity = perhaps ? 'warning' : 'error';
  return [{ check: 'C8', severity, ...where, object: labelOf(workload), message, todo }];
}

/** `memory_max = -1`: as much as the node has. */
function unlimited(jobs: Subject['jobs'], container: Container): boolean {
  const tasks = jobs.flatMap(({ groups }) => groups.flatMap((group) => group.tasks));
  return tasks.some(
    ({ task, containers }) =>
      task.resources?.memory_max?.value === -1 && containers.some((placed) => placed.container === container),
  );
}

const MEBI = 1024n * 1024n;

function memoryFindings({ report }: Subject, { task }: TaskSubject, placed: Placed): readonly Finding[] {
  const { resources } = task;
  const { memory, memory_max: most } = resources ?? {};
  if (memory?.written && report.of(memory).some(({ class: each }) => each === 'manual')) return [];
  const reserved = BigInt(memory?.value ?? DEFAULT_MEMORY) * MEBI;
  const request = amount(placed, 'requests');
  const limit = amount(placed, 'limits');
  const findings: Finding[] = [];
  const tell = (severity: Finding['severity'], message: string, todo: string): void => {
    findings.push({ check: 'C8', severity, ...whereOf(placed), message, todo });
  };
  if (request !== undefined && request !== reserved && !isRaised(placed, request, reserved)) {
    // measured requests replace guessed ones, and that is no mistake
    tell(
      'warning',
      `${placed.container.name} requests other memory than the ${reserved / MEBI} MiB of the job`,
      `Set requests.memory: ${reserved / MEBI}Mi.`,
    );
  }
  if (most?.value === -1 || limit === undefined) return findings;
  const wanted = BigInt(most?.value ?? 0) > 0n ? BigInt(most?.value ?? 0) * MEBI : reserved;
  if (limit !== wanted && !isRaised(placed, limit, wanted)) {
    tell(
      limit < wanted ? 'error' : 'warning',
      `${placed.container.name} may use other memory than the ${wanted / MEBI} MiB of the job`,
      `Set limits.memory: ${wanted / MEBI}Mi.`,
    );
  }
  return findings;
}

/** MiB, Nomad's own. */
const DEFAULT_MEMORY = 300;

function amount({ container }: Placed, kind: 'requests' | 'limits'): bigint | undefined {
  const text = word(dig(container.spec, 'resources', kind, 'memory'));
  return bytesOf(text === '' ? undefined : text);
}

/** What is written into a volume in memory counts as the container's memory: its limit has to be higher. */
function isRaised({ workload, container }: Placed, found: bigint, wanted: bigint): boolean {
  const names = maps(container.spec['volumeMounts']).map(({ name }) => name);
  const inMemory = maps(workload.pod['volumes']).some(
    (volume) => names.includes(volume['name']) && dig(volume, 'emptyDir', 'medium') === 'Memory',
  );
  return inMemory && found > wanted;
}

function whereOf({
  workload,
  container,
}: Placed & { readonly workload: Workload }): Pick<Finding, 'file' | 'line' | 'object'> {
  const { manifest } = workload;
  return { file: manifest.file, line: manifest.lineOf(...container.path, 'resources'), object: labelOf(workload) };
}
