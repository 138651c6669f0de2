import type { Item } from '../../jobspec/field.ts';
import type { Volume } from '../../jobspec/job.ts';
import type { Note } from '../account.ts';
import { fold } from '../fold.ts';
import type { Rule, Use } from '../rule.ts';
import { ask, type GroupScope } from '../scope.ts';
import { type Branch, isBranch, Sourced } from '../sourced.ts';
import { accessModeOf, addClaim, claimName, claimSpec, directoryOf, isClaim, sizeOf, sourceOf } from './claim.ts';
import { volumeName } from './mount.ts';
import { mountOptionRules } from './mount-options.ts';
import { staticOf, staticVolume } from './static-volume.ts';

/** Volumes of a group: before its tasks, so that the strategy knows of writers. */
export const volumeRules: readonly Rule<GroupScope>[] = [
  {
    id: 'volume.csi',
    nomad: 'volume type = "csi" with source',
    kubernetes: 'a PersistentVolumeClaim that names the directory of the Nomad volume',
    class: 'direct',
    why: 'The annotation carries the name without the prefix that the class puts before it, so that the directory that holds the data is found.',
    apply: (scope, use) => {
      for (const volume of scope.group.volume) {
        if (isClaim(volume) && volume.type.value === 'csi' && !volume.per_alloc.value) claimVolume(scope, use, volume);
      }
    },
  },
  {
    id: 'volume.sticky',
    nomad: 'volume type = "host" with sticky or an access mode (dynamic host volumes)',
    kubernetes: 'a PersistentVolumeClaim',
    class: 'approximate',
    why: 'A dynamic host volume lies on one node. The claim is of the class of the policy; copy the data to it.',
    apply: (scope, use) => {
      for (const volume of scope.group.volume) {
        if (!isClaim(volume) || volume.type.value === 'csi') continue;
        // a sticky volume follows its allocation: each has one of its own
        if (volume.sticky.value) ownVolume(scope, use, volume);
        else claimVolume(scope, use, volume);
      }
    },
  },
  {
    id: 'volume.per_alloc',
    nomad: 'volume with per_alloc = true',
    kubernetes: 'volumeClaimTemplates of a StatefulSet',
    class: 'direct',
    why: 'Each pod has a claim of its own: source[0] becomes NAME-WORKLOAD-0. A template gives all claims the same annotations, so none names a directory.',
    apply: (scope, use) => {
      for (const volume of scope.group.volume) {
        if (volume.type.value === 'csi' && volume.per_alloc.value) ownVolume(scope, use, volume);
        else if (volume.per_alloc.written) use.leave(volume.per_alloc, { text: 'one volume for all, as by default' });
      }
    },
  },
  {
    id: 'volume.host',
    nomad: 'volume type = "host" with source',
    kubernetes: 'hostPath of type Directory, which keeps the pod waiting where the directory is missing',
    class: 'approximate',
    why: 'The path stands in the configuration of the Nomad clients, not in the job.',
    apply: (scope, use) => {
      for (const volume of scope.group.volume) {
        if (volume.type.value === 'host' && !isClaim(volume)) hostVolume(scope, use, volume);
      }
    },
  },
  {
    id: 'volume.access_mode',
    nomad: 'volume access_mode',
    kubernetes: 'accessModes of the claim',
    class: 'direct',
    why: 'A single writer also means that two pods never run at once: the workload is recreated, not rolled.',
    apply: ({ group }, use) => {
      for (const volume of group.volume) {
        if (!volume.access_mode) continue;
        const { difference } = accessModeOf(volume);
        use.leave(volume.access_mode, difference === undefined ? {} : { class: 'approximate', text: difference });
      }
    },
  },
  {
    id: 'volume.attachment_mode',
    nomad: 'volume attachment_mode',
    kubernetes: 'volumeMode: Filesystem, or Block with volumeDevices',
    class: 'direct',
    why: '',
    apply: ({ group }, use) => {
      for (const { attachment_mode: mode } of group.volume) {
        if (!mode) continue;
        const isBlock = mode.value === 'block-device';
        use.leave(
          mode,
          isBlock ? { class: 'approximate', text: 'volumeMode Block: the class must serve devices' } : {},
        );
      }
    },
  },
  ...mountOptionRules,
  {
    id: 'volume.read_only',
    nomad: 'volume read_only',
    kubernetes: 'readOnly of each mount',
    class: 'direct',
    why: 'Either the volume or the mount makes it so.',
    apply: ({ group }, use) => {
      for (const { read_only: readOnly } of group.volume) if (readOnly.written) use.leave(readOnly);
    },
  },
];

/** The name of a volume of the group in its pod; labels that fold into one name stay apart. */
export function podVolume({ group }: GroupScope, { label }: Volume): string {
  const name = volumeName(label.text);
  const same = group.volume.filter((each) => volumeName(each.label.text) === name);
  const at = same.findIndex((each) => each.label.text === label.text);
  return at <= 0 ? name : `${fold(name, 60)}-${at + 1}`;
}

function headOf(volume: Volume): readonly Item[] {
  const { type, source, sticky } = volume;
  const head = [...(type.written ? [type] : []), ...(source ? [source] : []), ...(sticky.written ? [sticky] : [])];
  return [volume, ...head];
}

function perAlloc({ per_alloc: field }: Volume): readonly Item[] {
  return field.written && field.value ? [field] : [];
}

/** Whether the pod has the volume, which may have been left to a person. */
export function hasVolume(scope: GroupScope, volume: Volume): boolean {
  const name = podVolume(scope, volume);
  const { pod, claims } = scope.workload;
  return pod.volumes.has(name) || claims.some(({ metadata }) => isBranch(metadata) && bareName(metadata) === name);
}

function bareName({ name }: Branch): unknown {
  return name instanceof Sourced ? name.value : name;
}

function claimVolume(scope: GroupScope, use: Use, volume: Volume, source = sourceOf(volume)): void {
  const { project, workload } = scope;
  const known = staticOf(scope, source);
  if (known) {
    const { name, note } = staticVolume(scope, volume, { known, source });
    if (accessModeOf(volume).alone) workload.alone.push(`the volume ${source} has one writer`);
    const claimName = use.take([...headOf(volume), ...perAlloc(volume)], name, note);
    workload.pod.volumes.set(podVolume(scope, volume), { persistentVolumeClaim: { claimName } });
    return;
  }
  const { size, from, where } = sizeOf(scope, volume.label.text, source);
  const access = accessModeOf(volume);
  const accessMode = volume.access_mode ? new Sourced(access.mode, [volume.access_mode]) : access.mode;
  const items = [...headOf(volume), ...perAlloc(volume)];
  const claim = {
    name: claimName(source, project.policy),
    source,
    directory: directoryOf(source, project.policy),
    size,
    accessMode,
    block: volume.attachment_mode?.value === 'block-device',
    from: items,
  };
  const { kind: made, name } = addClaim(scope, claim);
  if (access.alone) workload.alone.push(`the volume ${source} has one writer`);
  const named = use.take(items, name, {
    ...sizeNote(scope, volume, { from, where, size: String(size) }),
    ...(made === 'shared' ? { text: `the claim ${name} of another workload, which is the same volume` } : {}),
    ...(made === 'renamed' ? renamedNote(source, name) : {}),
  });
  workload.pod.volumes.set(podVolume(scope, volume), { persistentVolumeClaim: { claimName: named } });
}

function renamedNote(source: string, name: string): Note {
  const text = `claim ${name}: another volume's name is the same in Kubernetes`;
  return {
    class: 'manual',
    text,
    todo: `Look whether ${source} and the other volume are one: ${name} is written for it.`,
  };
}

interface Sized {
  readonly from: string;
  readonly where: string | undefined;
  readonly size: string;
}

function sizeNote({ project }: GroupScope, volume: Volume, { from, where, size }: Sized): Note {
  const { storage } = project.policy;
  const text = `claim of class ${storage.class}, ${size}${where === undefined ? '' : ` (${where})`}`;
  if (from !== 'default') return { text };
  const todo = `Say how large ${sourceOf(volume)} is: neither the job nor Terraform does; ${size} is written.`;
  return { class: 'approximate', text, todo };
}

/** A volume for each pod, where pods have an identity: what runs to its end, or on every node, has no claims of its own. */
function ownVolume(scope: GroupScope, use: Use, volume: Volume): void {
  const { workload, group } = scope;
  const source = sourceOf(volume);
  const single = workload.kind !== 'DaemonSet' && (group.count?.value ?? 1) <= 1;
  if (workload.kind === 'Deployment' || workload.kind === 'StatefulSet') templateVolume(scope, use, volume);
  else if (single) claimVolume(scope, use, volume, volume.per_alloc.value ? `${source}[0]` : source);
  else
    use.leave([...headOf(volume), ...perAlloc(volume)], {
      class: 'manual',
      text: `not written: a ${workload.kind} has no claim of its own for each pod, and all of them must not write to one`,
      todo: `Decide where each pod of ${workload.name} keeps what was in its ${source}; its mounts are not written either.`,
    });
}

function templateVolume(scope: GroupScope, use: Use, volume: Volume): void {
  const { project, workload } = scope;
  const source = sourceOf(volume);
  const sized = sizeOf(scope, volume.label.text, source);
  const { size } = sized;
  const { mode } = accessModeOf(volume);
  const name = podVolume(scope, volume);
  workload.kind = 'StatefulSet';
  const items = [...headOf(volume), ...perAlloc(volume)];
  const block = volume.attachment_mode?.value === 'block-device';
  const claim = { name, source, size, accessMode: mode, block, from: items };
  const first = `${name}-${workload.name}-0`;
  const before = volume.per_alloc.value ? `${source}[0], ${source}[1], …` : `each allocation's ${source}`;
  const { class: worse, todo } = sizeNote(scope, volume, { from: sized.from, where: sized.where, size: String(size) });
  const taken = use.take(items, name, {
    ...(worse === undefined ? {} : { class: worse }),
    text: `volumeClaimTemplates: the claim of the first pod is ${first}`,
    todo: `Bring the data of ${before} into the claims ${first}, ….${todo === undefined ? '' : ` ${todo}`}`,
  });
  workload.claims.push({ metadata: { name: taken }, spec: claimSpec(project.policy, claim) });
}

function hostVolume(scope: GroupScope, use: Use, volume: Volume): void {
  const { project, module, workload } = scope;
  const source = sourceOf(volume);
  const known = Object.hasOwn(project.policy.hostVolumes, source) ? project.policy.hostVolumes[source] : undefined;
  const answer =
    known === undefined
      ? ask(project, {
          id: `${module.name}.volume.${volume.label.text}.path`,
          text: `Which directory of the nodes is the host volume ${source}?`,
          fallback: `/opt/nomad/volumes/${source}`,
          accepts: { pattern: /^\/[^\0]*$/, words: 'an absolute path' },
        })
      : { value: known, answered: true };
  const isKnown = answer.answered;
  const todo = isKnown
    ? `Make sure that ${answer.value} is on every node that may run ${workload.name}, or pin it to one.`
    : `Say which directory of the nodes ${source} is (hostVolumes in the policy); ${answer.value} is a guess, and the pod waits where it is missing.`;
  const path = use.take(headOf(volume), answer.value, { text: `hostPath ${answer.value}`, todo });
  if (!volume.read_only.value) workload.alone.push(`the host volume ${source} is written`);
  workload.pod.volumes.set(podVolume(scope, volume), { hostPath: { path, type: 'Directory' } });
}
