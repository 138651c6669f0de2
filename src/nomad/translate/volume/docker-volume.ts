import type { DockerMount } from '../../jobspec/config.ts';
import type { Item } from '../../jobspec/field.ts';
import type { Note } from '../account.ts';
import { fold } from '../fold.ts';
import type { Use } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { type Branch, bare, type S } from '../sourced.ts';
import { addClaim, addClaimOf, claimName, directoryOf, sizeOf } from './claim.ts';
import { addMount } from './mount.ts';
import { volumeNamed } from './task-directory.ts';

export interface Named {
  /** Name of the volume of Docker; empty for one without a name. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly items: readonly Item[];
  readonly options?: ReadonlyMap<string, string>;
}

/** A volume of Docker: what its options say, else a claim. */
export function namedVolume(scope: TaskScope, use: Use, named: Named): void {
  const { workload, container } = scope;
  const { source, target, readOnly, items } = named;
  const made = volumeOf(scope, named);
  if (made.kind === 'manual') {
    use.leave(items, { class: 'manual', text: made.why, todo: `Mount what ${source} was at ${target}.` });
    return;
  }
  const wanted = source === '' ? `${container.name}-scratch` : source;
  const name = volumeNamed(workload.pod, wanted, made.volume);
  const mountPath = use.take(items, target, made.note);
  const mount = { name, mountPath, ...(readOnly ? { readOnly: true } : {}) };
  if (addMount(container, mount) === 'taken') {
    use.leave(items, {
      class: 'manual',
      text: `two mounts at ${target}`,
      todo: `Decide which mount at ${target} is meant.`,
    });
  }
}

type Made =
  | { readonly kind: 'made'; readonly volume: Branch; readonly note: Note }
  | { readonly kind: 'manual'; readonly why: string };

function volumeOf(scope: TaskScope, { source, options = new Map(), readOnly, items }: Named): Made {
  const type = options.get('type');
  const device = options.get('device') ?? '';
  if (type === 'nfs' || type === 'nfs4') return nfs(scope, { source, options });
  if (type === 'tmpfs') return made({ emptyDir: { medium: 'Memory' } }, { text: 'a directory in memory' });
  if ((options.get('o') ?? '').split(',').includes('bind') && device.startsWith('/')) {
    const todo = `Make sure that ${device} is on every node that may run ${scope.workload.name}, or pin it to one.`;
    return made({ hostPath: { path: device } }, { class: 'approximate', text: `hostPath ${device}`, todo });
  }
  if (type !== undefined) return { kind: 'manual', why: `a volume of type ${type} has no twin without a CSI driver` };
  if (source === '')
    return made({ emptyDir: {} }, { text: 'a directory that ends with the pod, as it ended with the container' });
  return claimed(scope, { source, readOnly, items });
}

function made(volume: Branch, note: Note): Made {
  return { kind: 'made', volume, note };
}

function claimed(scope: TaskScope, { source, readOnly, items }: Pick<Named, 'source' | 'readOnly' | 'items'>): Made {
  const { policy } = scope.project;
  const { size, from } = sizeOf(scope, source, source);
  const directory = directoryOf(source, policy);
  // a volume of Docker is the node's own, and no CSI volume of that name
  const of = `docker:${source}`;
  const claim = {
    name: claimName(source, policy),
    source: of,
    directory,
    size,
    accessMode: 'ReadWriteOnce',
    block: false,
    from: items,
  };
  const { name } = addClaim(scope, claim);
  if (!readOnly) scope.workload.alone.push(`the volume ${source} has one writer`);
  const sized = from === 'default' ? ` Say how large it is: ${bare(size)} is written.` : '';
  const todo = `Copy the data of the Docker volume ${source} into the claim ${name}.${sized}`;
  const text = `claim ${name} of class ${policy.storage.class}, which starts empty`;
  return made({ persistentVolumeClaim: { claimName: name } }, { class: 'approximate', text, todo });
}

/** A claim could not say how the server is mounted; a volume of its own does. */
function nfs(scope: TaskScope, { source, options }: Required<Pick<Named, 'source' | 'options'>>): Made {
  const { project, module } = scope;
  const given = (options.get('o') ?? '').split(',').filter((each) => each !== '');
  const [, host, path] = /^([^:]*):(\/.*)$/.exec(options.get('device') ?? '') ?? [];
  const address = given.find((each) => each.startsWith('addr='))?.slice('addr='.length);
  const server = address ?? host;
  if (server === undefined || server === '' || path === undefined) {
    return { kind: 'manual', why: `the NFS volume ${source} names no server and path` };
  }
  const isReadOnly = given.includes('ro');
  const mountOptions = given.filter((each) => !/^(?:addr=|rw$|ro$)/.test(each));
  const version = options.get('type') === 'nfs4' && !mountOptions.some((each) => /^(?:nfs)?vers=/.test(each));
  const all = version ? ['nfsvers=4', ...mountOptions] : mountOptions;
  const accessMode: S<string> = isReadOnly ? 'ReadOnlyMany' : 'ReadWriteMany';
  // the server decides how much fits; the number only has to agree
  const storage = project.policy.storage.size;
  const volumeOfClaim = (claim: string): string => fold(`${bare(module.namespace)}-${claim}`);
  const wanted = { name: claimName(source, project.policy), source: `nfs:${server}:${path}:${all.join(',')}` };
  const { kind, name: claim } = addClaimOf(scope, wanted, (of) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: of },
    spec: {
      accessModes: [accessMode],
      storageClassName: '',
      volumeName: volumeOfClaim(of),
      resources: { requests: { storage } },
    },
  }));
  const name = volumeOfClaim(claim);
  if (kind !== 'shared') {
    const spec = {
      capacity: { storage },
      accessModes: [accessMode],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      mountOptions: all.length === 0 ? undefined : all,
      nfs: { server, path, readOnly: isReadOnly ? true : undefined },
      claimRef: { namespace: module.namespace, name: claim },
    };
    const object = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec };
    module.manifests.push({ kind: 'persistentvolume', name, object });
  }
  const text = `the NFS export ${server}:${path} as the volume ${name} with the same mount options`;
  return made({ persistentVolumeClaim: { claimName: claim } }, { text });
}

/** Options of a volume's driver, by name. */
export function optionsOf({ volume_options: volume }: DockerMount): ReadonlyMap<string, string> {
  return new Map(volume?.driver_config?.options.map(({ key, value }) => [key, value]) ?? []);
}
