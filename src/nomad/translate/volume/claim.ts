import type { Item } from '../../jobspec/field.ts';
import type { Volume, VolumeRequest } from '../../jobspec/job.ts';
import type { Policy } from '../../policy.ts';
import { fold } from '../fold.ts';
import { ask, type GroupScope } from '../scope.ts';
import { type Branch, bare, type S, Sourced } from '../sourced.ts';

export interface Claim {
  /** metadata.name, unless another volume has it. */
  readonly name: string;
  /** What Nomad or Docker calls the volume: two with one source are one. */
  readonly source: string;
  /** The directory that the Nomad volume had, as the class wants it: without what the class puts before it. */
  readonly directory?: string;
  readonly size: S<string>;
  readonly accessMode: S<string>;
  readonly block: boolean;
  readonly from: readonly Item[];
}

export interface Added {
  /** `shared`: another workload of the same volume has written it. `renamed`: another volume has the name. */
  readonly kind: 'made' | 'shared' | 'renamed';
  readonly name: string;
}

/** A claim of the module; several groups and jobs that use one volume share it, and no two volumes do. */
export function addClaim(scope: GroupScope, claim: Claim): Added {
  const { policy } = scope.project;
  return addClaimOf(scope, claim, (name) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, annotations: annotationsOf(policy, claim) },
    spec: claimSpec(policy, claim),
  }));
}

/** A claim of any shape: under the wanted name, the next free one, or the name that the same source has already. */
export function addClaimOf(
  { project, module }: GroupScope,
  { name: wanted, source }: Pick<Claim, 'name' | 'source'>,
  object: (name: string) => Branch,
): Added {
  const there = project.modules
    .filter((each) => bare(each.namespace) === bare(module.namespace))
    .flatMap(({ manifests }) => manifests.filter(({ kind }) => kind === 'pvc'));
  const same = there.find(({ of }) => of === source);
  if (same) return { kind: 'shared', name: same.name };
  const taken = new Set(there.map(({ name }) => name));
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${fold(wanted, 60)}-${count}`;
  module.manifests.push({ kind: 'pvc', name, object: object(name), of: source });
  return { kind: name === wanted ? 'made' : 'renamed', name };
}

function annotationsOf({ storage }: Policy, { directory, from }: Claim): Branch | undefined {
  return directory === undefined ? undefined : { [storage.annotation]: new Sourced(directory, from) };
}

export function claimSpec({ storage }: Policy, { size, accessMode, block }: Claim): Branch {
  return {
    accessModes: [accessMode],
    storageClassName: storage.class,
    volumeMode: block ? 'Block' : undefined,
    resources: { requests: { storage: size } },
  };
}

/** The name of a Nomad volume without what the class puts before it, so that it is never there twice. */
export function directoryOf(source: string, { storage }: Policy): string {
  const { prefix } = storage;
  return prefix !== '' && source.startsWith(prefix) && source.length > prefix.length
    ? source.slice(prefix.length)
    : source;
}

export function claimName(source: string, policy: Policy): string {
  return fold(directoryOf(source, policy));
}

/** Dynamic host volumes are told from those of the client's configuration by what only they have. */
export function isClaim({ type, sticky, access_mode: mode }: Volume): boolean {
  return type.value === 'csi' || sticky.value || mode !== undefined;
}

/** What Nomad calls the volume. */
export function sourceOf({ source, label }: Volume): string {
  return source?.value ?? label.text;
}

export interface AccessMode {
  readonly mode: string;
  /** Where Kubernetes allows more than the job asked for. */
  readonly difference?: string;
  /** Whether a second pod that writes would be a second writer. */
  readonly alone: boolean;
}

/** Nomad's access modes of CSI and dynamic host volumes. */
export function accessModeOf({ access_mode: written, read_only: readOnly }: VolumeRequest): AccessMode {
  switch (written?.value) {
    case 'single-node-reader-only':
    case 'multi-node-reader-only':
      return { mode: 'ReadOnlyMany', alone: false };
    case 'multi-node-multi-writer':
      return { mode: 'ReadWriteMany', alone: false };
    case 'multi-node-single-writer':
      return {
        mode: 'ReadWriteMany',
        difference: 'Kubernetes has no mode for many readers and one writer: nothing keeps a second writer out',
        alone: !readOnly.value,
      };
    case 'single-node-multi-writer':
      return {
        mode: 'ReadWriteOnce',
        difference: 'several pods of one node may write, as in Nomad',
        alone: false,
      };
    default:
      return { mode: 'ReadWriteOnce', alone: !readOnly.value };
  }
}

export interface Size {
  readonly size: S<string>;
  readonly from: 'terraform' | 'answer' | 'default';
  readonly where?: string;
}

/** From Terraform beside the jobs, else from a person, else the policy's default. */
export function sizeOf(scope: GroupScope, label: string, source: string): Size {
  const { project, module } = scope;
  const terraform = project.surroundings.volumes.get(source);
  const stated = terraform?.size === undefined ? undefined : quantityOf(terraform.size);
  if (terraform && stated !== undefined) {
    return { size: stated, from: 'terraform', where: `${terraform.file}:${terraform.line}` };
  }
  const answer = ask(project, {
    id: `${module.name}.volume.${label}.size`,
    text: `How large is the volume ${source} of ${module.name}?`,
    fallback: project.policy.storage.size,
    accepts: { pattern: /^\d+(\.\d+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$/, words: 'a quantity such as 10Gi' },
  });
  return { size: answer.value, from: answer.answered ? 'answer' : 'default' };
}

/** Nomad's sizes (`10GiB`, `10GB`, `10G`) as Kubernetes writes them. */
export function quantityOf(text: string): string | undefined {
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kKmMgGtTpP]?(?:i?[bB])?)\s*$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const letter = unit.charAt(0).toUpperCase();
  if (letter === '' || letter === 'B') return amount;
  if (/i/i.test(unit)) return `${amount}${letter}i`;
  return `${amount}${letter === 'K' ? 'k' : letter}`;
}
