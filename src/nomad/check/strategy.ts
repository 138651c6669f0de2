import { dig, maps, word } from './dig.ts';
import type { Finding } from './finding.ts';
import { type Check, type GroupSubject, groupsOf, type Subject } from './subject.ts';
import { labelOf, type Workload } from './workload.ts';

/** C15: as many pods as the job asked for; where two must not run at once, an update ends the old one first. */
export const strategy: Check = {
  id: 'C15',
  title: 'updates',
  run: (subject) => [
    ...subject.workloads
      .filter(({ manifest }) => manifest.kind === 'Deployment')
      .flatMap((each) => deploymentFindings(subject, each)),
    ...groupsOf(subject).flatMap((group) => countFindings(subject, group)),
  ],
};

/** How many pods the job asked for. A HorizontalPodAutoscaler decides it by itself. */
function countFindings(subject: Subject, { group, workloads }: GroupSubject): readonly Finding[] {
  const { count, scaling } = group;
  if (scaling || (count && subject.report.tells(count))) return [];
  const wanted = count?.value ?? 1;
  return workloads.flatMap((workload): readonly Finding[] => {
    const { object, kind, file, lineOf } = workload.manifest;
    const field = counted[kind];
    const found = field && (dig(object, 'spec', field) ?? 1);
    if (field === undefined || found === wanted || isScaled(workload)) return [];
    const where = { check: 'C15', file, line: lineOf('spec', field), object: labelOf(workload) } as const;
    const message = `${field} is ${word(found)}, and the job has a count of ${wanted}`;
    const reasons = Number(found) > Math.max(1, wanted) ? reasonsOf(subject, workload) : [];
    if (reasons.length === 0) return [{ ...where, severity: 'warning', message, todo: 'Keep it if you meant it.' }];
    const why = `${message}; there may be only one: ${reasons.join('; ')}`;
    return [{ ...where, severity: 'error', message: why, todo: `Set ${field}: ${wanted}.` }];
  });
}

const counted: Readonly<Record<string, string>> = {
  Deployment: 'replicas',
  StatefulSet: 'replicas',
  Job: 'completions',
};

function isScaled({ manifest, module }: Workload): boolean {
  return module.manifests.some(
    ({ kind, object }) =>
      kind === 'HorizontalPodAutoscaler' &&
      dig(object, 'spec', 'scaleTargetRef', 'kind') === manifest.kind &&
      dig(object, 'spec', 'scaleTargetRef', 'name') === manifest.name,
  );
}

function deploymentFindings(subject: Subject, workload: Workload): readonly Finding[] {
  const { object, file, lineOf } = workload.manifest;
  const type = word(dig(object, 'spec', 'strategy', 'type')) || 'RollingUpdate';
  const surge = dig(object, 'spec', 'strategy', 'rollingUpdate', 'maxSurge');
  if (type === 'Recreate' || surge === 0 || surge === '0' || surge === '0%') return [];
  const reasons = reasonsOf(subject, workload);
  if (reasons.length === 0) return [];
  const message = `an update starts the new pod beside the old one, and there may be only one: ${reasons.join('; ')}`;
  const todo = 'Set strategy.type: Recreate.';
  return [
    {
      check: 'C15',
      severity: 'error',
      file,
      line: lineOf('spec', 'strategy'),
      object: labelOf(workload),
      message,
      todo,
    },
  ];
}

function reasonsOf(subject: Subject, workload: Workload): readonly string[] {
  const { pod, containers } = workload;
  const gpu = containers.some(({ spec }) =>
    Object.keys(Object(dig(spec, 'resources', 'limits'))).some((key) => /\/gpu$|^gpu\./.test(key)),
  );
  const hostPorts = containers
    .flatMap(({ spec }) => maps(spec['ports']))
    .flatMap(({ hostPort }) => word(hostPort) || []);
  return [
    ...writerVolumes(subject, workload).map((name) => `the volume ${name} has one writer`),
    ...(gpu ? ['it holds a GPU'] : []),
    ...(hostPorts.length > 0 ? [`it holds port ${hostPorts.join(', ')} of its node`] : []),
    ...(pod['hostNetwork'] === true && hostPorts.length === 0 ? ['it uses the network of its node'] : []),
  ];
}

/** Claims that one node may write to, mounted writable by some container. */
function writerVolumes({ tree }: Subject, { pod, containers, manifest }: Workload): readonly string[] {
  const writable = new Set(
    containers
      .flatMap(({ spec }) => [...maps(spec['volumeMounts']), ...maps(spec['volumeDevices'])])
      .filter((each) => each['readOnly'] !== true)
      .map(({ name }) => name),
  );
  const claims = tree.modules.flatMap(({ manifests }) =>
    manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim'),
  );
  return maps(pod['volumes']).flatMap((volume) => {
    const name = word(dig(volume, 'persistentVolumeClaim', 'claimName'));
    if (name === '' || !writable.has(volume['name']) || dig(volume, 'persistentVolumeClaim', 'readOnly') === true)
      return [];
    const claim = claims.find((each) => each.name === name && each.namespace === manifest.namespace);
    const modes = dig(claim?.object, 'spec', 'accessModes');
    const single =
      Array.isArray(modes) && modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
    return single ? [name] : [];
  });
}
