import type { VolumeMount } from '../../jobspec/job.ts';
import type { MountDraft } from '../draft.ts';
import { interpolate } from '../interpolate.ts';
import type { Rule, Use } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { type Branch, Sourced } from '../sourced.ts';
import { withDirectories } from '../template/place.ts';
import { addMount } from './mount.ts';
import { hasVolume, podVolume } from './volume.ts';

/** Nomad's words for how mounts spread; private is the default of both. */
const propagations: Readonly<Record<string, string>> = {
  'host-to-task': 'HostToContainer',
  bidirectional: 'Bidirectional',
};

export const volumeMountRules: readonly Rule<TaskScope>[] = [
  {
    id: 'volume_mount.mount',
    nomad: 'volume_mount with volume, destination and read_only',
    kubernetes: 'a mount of the container; a device where the volume is one',
    class: 'direct',
    why: 'Read-only where the volume or the mount says so.',
    apply: (scope, use) => {
      for (const mount of scope.task.volume_mount) mountVolume(scope, use, mount);
    },
  },
  {
    id: 'volume_mount.propagation',
    nomad: 'volume_mount propagation_mode',
    kubernetes: 'mountPropagation',
    class: 'direct',
    why: 'Bidirectional needs a privileged container.',
    apply: ({ task }, use) => {
      for (const { propagation_mode: mode } of task.volume_mount) {
        if (!mode.written) continue;
        const todo =
          'Bidirectional is written for privileged containers, which alone may have it: decide whether this one has to be.';
        use.leave(mode, mode.value === 'bidirectional' ? { class: 'approximate', todo } : {});
      }
    },
  },
  {
    id: 'volume_mount.selinux_label',
    nomad: 'volume_mount selinux_label',
    kubernetes: 'none: the container runtime labels',
    class: 'dropped',
    why: 'securityContext.seLinuxOptions sets a label for a whole pod.',
    apply: ({ task }, use) => {
      for (const { selinux_label: label } of task.volume_mount) if (label) use.leave(label);
    },
  },
];

function mountVolume(scope: TaskScope, use: Use, mount: VolumeMount): void {
  const { group, container } = scope;
  const { volume: named, destination, read_only: readOnly, propagation_mode: mode } = mount;
  const items = [named, destination, ...(readOnly.written ? [readOnly] : [])].filter((each) => each !== undefined);
  const volume = group.volume.find(({ label }) => label.text === named?.value);
  if (!volume || !destination) {
    const todo = `Mount what ${named?.value ?? 'this volume'} was at ${destination?.value ?? 'its place'}.`;
    use.leave(items, { class: 'manual', text: 'the group has no such volume', todo });
    return;
  }
  if (!hasVolume(scope, volume)) {
    use.leave(items, { class: 'manual', text: `not written: the volume ${volume.label.text} is not either` });
    return;
  }
  const { text, notes } = interpolate(withDirectories(destination.value), scope, 'verbatim');
  const [note = {}] = notes;
  const path = use.take(items, text, note);
  if (volume.attachment_mode?.value === 'block-device') {
    const device: Branch = { name: podVolume(scope, volume), devicePath: path };
    const before = container.rest['volumeDevices'];
    container.rest['volumeDevices'] = [...(Array.isArray(before) ? before : []), device];
    return;
  }
  const spread = propagations[mode.value];
  const protectedBy = [volume.read_only, readOnly].flatMap((each) => (each.written && each.value ? [each] : []));
  const draft: MountDraft = {
    name: podVolume(scope, volume),
    mountPath: path,
    ...(protectedBy.length > 0 ? { readOnly: new Sourced(true, protectedBy) } : {}),
    ...(spread !== undefined && mode.written ? { mountPropagation: new Sourced(spread, [mode]) } : {}),
  };
  addMount(container, draft);
}
