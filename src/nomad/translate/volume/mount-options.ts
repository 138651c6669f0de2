import type { Volume } from '../../jobspec/job.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope, TerraformVolume } from '../scope.ts';
import { isClaim, sourceOf } from './claim.ts';
import { mountedAs, staticOf } from './static-volume.ts';

/** How volumes are mounted, and where those are that Terraform only registered. */
export const mountOptionRules: readonly Rule<GroupScope>[] = [
  {
    id: 'volume.mount_options',
    nomad:
      'volume mount_options with fs_type and mount_flags; those of its nomad_csi_volume or nomad_csi_volume_registration',
    kubernetes: 'mountOptions of the StorageClass or of the PersistentVolume',
    class: 'manual',
    why: 'A claim cannot carry them, and a class is shared. Larder has `larder volumes sync-mount-options` for volumes that are there. Where storage.csiDrivers names the driver of a registered volume, its PersistentVolume has them.',
    apply: (scope, use) => {
      for (const volume of scope.group.volume) {
        const isStatic = volume.type.value === 'csi' && !volume.per_alloc.value && staticOf(scope, sourceOf(volume));
        if (isStatic) written(use, volume, isStatic.beside);
        else {
          mountedBeside(scope, use, volume);
          ownOptions(scope, use, volume);
        }
      }
    },
  },
  {
    id: 'volume.registered',
    nomad: 'nomad_csi_volume_registration with external_id and context',
    kubernetes:
      'a PersistentVolume with the same handle and attributes, where storage.csiDrivers of the policy names a driver',
    class: 'manual',
    why: 'A plugin of Nomad and a driver of Kubernetes that read the same volumes need not have the same name. Without a driver the claim is of the class, which finds a directory by its name and no handle.',
    apply: (scope, use) => {
      for (const volume of scope.group.volume) {
        const source = sourceOf(volume);
        const beside = besideOf(scope, source);
        if (!isClaim(volume) || beside?.externalId === undefined) continue;
        const item = volume.source ?? volume;
        const known = volume.per_alloc.value ? undefined : staticOf(scope, source);
        const place = `${beside.file}:${beside.line}`;
        if (known) use.leave(item, { class: 'direct', text: `volumeHandle ${known.handle} of ${known.driver}` });
        else if (beside.externalId === source)
          use.leave(item, { class: 'direct', text: `registered under the name of its directory (${place})` });
        else {
          const text = `registered as ${beside.externalId} of the plugin ${beside.pluginId} (${place}), which a claim of a class does not ask for`;
          const todo = `See that the directory of ${source} holds what ${beside.pluginId} calls ${beside.externalId}, or name its CSI driver under storage.csiDrivers (${place}).`;
          use.leave(item, { text, todo });
        }
      }
    },
  },
];

function besideOf({ project }: GroupScope, source: string): TerraformVolume | undefined {
  const { volumes } = project.surroundings;
  return volumes.get(source) ?? volumes.get(`${source}[0]`);
}

/** The PersistentVolume has them. */
function written(use: Use, volume: Volume, beside: TerraformVolume): void {
  const { fsType, flags } = mountedAs(volume, beside);
  const words = wordsOf(fsType, flags);
  const { mount_options: own } = volume;
  if (own) {
    const items = [own.fs_type, own.mount_flags].filter((each) => each !== undefined);
    use.leave(own.counted ? [own, ...items] : items, { class: 'direct', text: `${words} of the PersistentVolume` });
  } else if (words !== '') {
    use.leave(volume.source ?? volume, { class: 'direct', text: `${words} of the PersistentVolume` });
  }
}

function wordsOf(fsType: string | undefined, flags: readonly string[]): string {
  const words = [
    ...(fsType === undefined ? [] : [`fsType ${fsType}`]),
    ...(flags.length === 0 ? [] : [flags.join(',')]),
  ];
  return words.join(' and ');
}

function ownOptions({ project }: GroupScope, use: Use, { mount_options: options }: Volume): void {
  if (!options) return;
  const items = [options.fs_type, options.mount_flags].filter((each) => each !== undefined);
  const words = wordsOf(options.fs_type?.value, options.mount_flags?.value ?? []);
  const todo = `Give the StorageClass ${project.policy.storage.class}, or the volume, ${words}.`;
  use.leave(options.counted ? [options, ...items] : items, { todo });
}

/** Terraform beside the jobs may say how a volume is mounted where the job says nothing. */
function mountedBeside(scope: GroupScope, use: Use, volume: Volume): void {
  const source = sourceOf(volume);
  const beside = besideOf(scope, source);
  if (!isClaim(volume) || !beside) return;
  const words = wordsOf(beside.fsType, beside.mountFlags);
  if (words === '') return;
  const place = `${beside.file}:${beside.line}`;
  use.leave(volume.source ?? volume, {
    text: `mounted with ${words} in Nomad (${place}), which a claim cannot say`,
    todo: `Give the StorageClass ${scope.project.policy.storage.class}, or the volume ${source}, ${words} (${place}).`,
  });
}
