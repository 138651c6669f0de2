/**
 * What is to be known before Larder takes the place of nfs-subdir-external-provisioner, and the steps in their order.
 * An ordered list of checks; a new check is a new row. Pure.
 */
import type { PersistentVolume, StorageClass } from '../kube/kinds.ts';
import { parseClass } from '../provision/class.ts';
import { addressOfVolume } from '../provision/disposal.ts';
import { quote } from '../provision/pattern.ts';
import type { ExportDescription } from '../provision/storage.ts';
import { claimKeyOf, dispositionOf, isOurs, isReleased, locate } from '../provision/volume.ts';
import type { Finding } from './api.ts';
import type { FeatureOff } from './features.ts';
import type { Installation } from './installation.ts';

/** The lock of one provisioner name, as the peer's library names it: an Endpoints object or a Lease. */
export interface Lock {
  readonly kind: 'Endpoints' | 'Lease';
  readonly namespace: string;
  readonly name: string;
  readonly holder: string;
  /** Milliseconds since its last renewal, by the clock of this machine. */
  readonly ageMs: number;
}

export interface Surroundings {
  /** The one to be taken over. */
  readonly peer: Installation;
  /** All others, of either product. */
  readonly others: readonly Installation[];
  readonly classes: readonly StorageClass[];
  readonly volumes: readonly PersistentVolume[];
  readonly locks: readonly Lock[];
  /** Leases of Larder, whatever names it works for. */
  readonly leases: readonly Lock[];
  /** NFS source of the volume behind the claim that the peer mounts; undefined when there is none. */
  readonly claimed: { readonly server: string; readonly path: string } | undefined;
  /** What Larder could not do with the account of the peer. */
  readonly off: readonly FeatureOff[];
}

/** A lock that was renewed within that time is held: the library's lease lasts 15 s. */
const HELD_MS = 30_000;
const NAMED = 3;

type Check = (at: Surroundings) => readonly Finding[];

export const found = (level: Finding['level'], check: string, message: string, fix = ''): Finding => ({
  check,
  level,
  message,
  fix,
});

const some = (names: readonly string[]): string =>
  `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ''}`;

const nameOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;

const exportOf = ({ server, path }: Installation): ExportDescription => ({
  backend: 'nfs',
  server,
  path,
  root: '/persistentvolumes',
});

const checks: readonly Check[] = [
  ({ peer }) => {
    const missing = [
      ...(peer.provisioner === '' ? ['PROVISIONER_NAME'] : []),
      ...(peer.server === '' ? ['NFS_SERVER'] : []),
      ...(peer.path === '' ? ['NFS_PATH'] : []),
    ];
    const where = `deployment ${nameOf(peer)}`;
    if (missing.length === 0) return [found('ok', where, `${peer.provisioner} on ${peer.server}:${peer.path}`)];
    const message = `${missing.join(', ')} not written in plain, so that nothing can be compared`;
    return [found('error', where, message, 'write the value itself into its environment, then run this again')];
  },
  mountCheck,
  twiceCheck,
  lockCheck,
  ({ peer, leases }) => (active(peer) ? larderAtWork(leases, peer.provisioner) : []),
  ({ peer, classes }) => classesOf(peer, classes).flatMap(classFindings),
  ({ peer, classes }) =>
    classesOf(peer, classes).length > 0
      ? []
      : [found('warning', 'storage classes', `none names ${peer.provisioner}`, 'nothing to do if no claim uses it')],
  placeCheck,
  strandedCheck,
  pendingRemovalCheck,
  sharedCheck,
  nestedCheck,
  rolesCheck,
];

/** All findings, in the order of the checks. */
export const takeover = (at: Surroundings): readonly Finding[] => checks.flatMap((check) => check(at));

function mountCheck({ peer, claimed }: Surroundings): readonly Finding[] {
  const { mounted } = peer;
  const check = 'mounted export';
  const source = mounted.kind === 'nfs' ? mounted : mounted.kind === 'claim' ? claimed : undefined;
  if (!source) {
    const message = 'what is mounted at /persistentvolumes cannot be told from the Deployment';
    return [found('warning', check, message, `make sure that it is ${peer.server}:${peer.path}`)];
  }
  if (source.server === peer.server && source.path.replace(/(.)\/+$/, '$1') === peer.path) {
    return [found('ok', check, `${source.server}:${source.path}`)];
  }
  return [
    found(
      'error',
      check,
      `it mounts ${source.server}:${source.path}, but its volumes carry ${peer.server}:${peer.path}`,
      'pods and the provisioner see different folders: correct NFS_SERVER and NFS_PATH, or the volume, first',
    ),
  ];
}

function twiceCheck({ peer, others }: Surroundings): readonly Finding[] {
  const same = others.filter((other) => other.provisioner === peer.provisioner && active(other));
  if (same.length === 0) return [found('ok', 'one provisioner', 'no other Deployment works for the same name')];
  return same.map((other) => {
    const who = other.product === 'larder' ? 'Larder' : 'another nfs-subdir-external-provisioner';
    const danger = `${who} (deployment ${nameOf(other)}) works for ${peer.provisioner} too`;
    if (!active(peer)) return found('ok', 'one provisioner', `${danger}, and this one is stopped`);
    return found(
      'error',
      'one provisioner',
      `${danger}: both make and remove directories`,
      `stop one of them now: kubectl -n ${other.namespace} scale deployment/${other.name} --replicas=0`,
    );
  });
}

const active = ({ replicas, running }: Installation): boolean => replicas > 0 || running > 0;

function lockCheck({ peer, locks }: Surroundings): readonly Finding[] {
  return locks
    .filter(({ ageMs, holder }) => holder !== '' && ageMs < HELD_MS)
    .map((lock) => {
      const what = `${lock.kind} ${nameOf(lock)}`;
      const said = `held by ${quote(lock.holder)}, renewed ${Math.max(0, Math.round(lock.ageMs / 1000))} s ago`;
      if (active(peer) && lock.namespace === peer.namespace) return found('ok', 'lock', `${what} is ${said}`);
      return found(
        'error',
        'lock',
        `${what} is ${said}, by a process that this Deployment does not run`,
        'find and stop it: a second provisioner of the name is at work',
      );
    });
}

/** A Larder outside of the cluster has no Deployment, but it has a Lease, which does not say what it works for. */
export function larderAtWork(leases: readonly Lock[], provisioner: string): readonly Finding[] {
  return leases
    .filter(({ ageMs, holder }) => holder !== '' && ageMs < HELD_MS)
    .map((lock) =>
      found(
        'warning',
        'one provisioner',
        `a Larder is at work (Lease ${nameOf(lock)}, held by ${quote(lock.holder)})`,
        `stop it first, unless it works for other names than ${provisioner}`,
      ),
    );
}

const classesOf = (peer: Installation, classes: readonly StorageClass[]): readonly StorageClass[] =>
  classes.filter(({ provisioner }) => provisioner === peer.provisioner);

function classFindings(storageClass: StorageClass): readonly Finding[] {
  const { name } = storageClass.metadata;
  const check = `class ${name}`;
  const parsed = parseClass(storageClass);
  const again = `kubectl get sc ${name} -o yaml > ${name}.yaml; correct it; kubectl replace --force -f ${name}.yaml`;
  if (parsed.kind === 'invalid') {
    return parsed.problems.map((problem) =>
      found('error', check, `its new claims would stay Pending: ${problem}`, again),
    );
  }
  const findings = parsed.warnings.map((warning) => found('warning', check, warning, again));
  if (parsed.options.adopt !== 'any') {
    const message =
      'a new claim takes a directory that holds data only where adopt, adoptable or the namespace allows it';
    findings.push(found('ok', check, `${message}; the peer takes any`));
  }
  return findings;
}

export const ours = ({ peer, volumes }: Surroundings): readonly PersistentVolume[] =>
  volumes.filter((volume) => isOurs(volume, [peer.provisioner]));

function placeCheck(at: Surroundings): readonly Finding[] {
  const exports = [exportOf(at.peer)];
  const volumes = ours(at);
  const findings: Finding[] = [];
  let inside = 0;
  for (const volume of volumes) {
    const location = locate(volume, exports);
    const check = `pv ${volume.metadata.name}`;
    switch (location.kind) {
      case 'at':
        inside += 1;
        break;
      case 'elsewhere':
      case 'other-node':
        findings.push(
          found(
            'warning',
            check,
            `is on ${addressOfVolume(volume)}, which is not this export: Larder leaves it alone`,
            'give Larder that export as well (--export), if it shall reclaim it',
          ),
        );
        break;
      case 'unsafe':
        findings.push(
          found('warning', check, `${location.reason}: pods go on using it, Larder never removes it`, keep(volume)),
        );
        break;
      default:
        location satisfies never;
    }
  }
  return [found('ok', 'volumes', `${inside} of ${volumes.length} volumes of this name are on the export`), ...findings];
}

/** The command that keeps a directory whoever comes. */
export const keep = ({ metadata }: PersistentVolume): string =>
  `kubectl patch pv ${metadata.name} -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`;

/** The peer's volumes say nothing of their end: their class does. */
function strandedCheck(at: Surroundings): readonly Finding[] {
  const byName = new Map(at.classes.map((each) => [each.metadata.name, each]));
  const stranded = ours(at).filter(
    (volume) => dispositionOf(volume, byName.get(volume.spec.storageClassName ?? '')).kind === 'unknown',
  );
  const byClass = Map.groupBy(stranded, (volume) => volume.spec.storageClassName ?? '');
  return [...byClass].map(([name, volumes]) =>
    found(
      'warning',
      `class ${name || '(none)'}`,
      `missing or not readable: the directories of ${some(volumes.map(({ metadata }) => metadata.name))} stay when their claims go`,
      'create the class again with its old parameters',
    ),
  );
}

/** Whoever provisions next removes these at once. */
function pendingRemovalCheck(at: Surroundings): readonly Finding[] {
  const byName = new Map(at.classes.map((each) => [each.metadata.name, each]));
  return ours(at).flatMap((volume) => {
    const disposition = dispositionOf(volume, byName.get(volume.spec.storageClassName ?? ''));
    if (!isReleased(volume) || (disposition.kind !== 'trash' && disposition.kind !== 'archive')) return [];
    const what = disposition.kind === 'trash' ? 'moved to the trash' : 'archived';
    const message = `its claim ${claimKeyOf(volume)} is gone: ${addressOfVolume(volume)} is ${what} as soon as Larder starts`;
    return [found('warning', `pv ${volume.metadata.name}`, message, `to keep it: ${keep(volume)}`)];
  });
}

function sharedCheck(at: Surroundings): readonly Finding[] {
  const alive = ours(at).filter((volume) => !isReleased(volume));
  const byAddress = Map.groupBy(alive, addressOfVolume);
  return [...byAddress].flatMap(([address, volumes]) =>
    volumes.length < 2
      ? []
      : [
          found(
            'warning',
            'shared directory',
            `${address} is used by ${some(volumes.map(claimKeyOf))}: kept until the last of them goes`,
            'fine if intended; else give each its own',
          ),
        ],
  );
}

/** Of which the peer's basename lookup is known: it takes `b` at the top for `a/b` when it deletes. */
const BASENAME_ONLY = /[:](v?[0-3]\.|v?4\.0\.[0-2]($|[^0-9]))/;

function nestedCheck(at: Surroundings): readonly Finding[] {
  if (!BASENAME_ONLY.test(at.peer.image)) return [];
  const exports = [exportOf(at.peer)];
  const nested = ours(at).filter((volume) => {
    const location = locate(volume, exports);
    return location.kind === 'at' && location.path.length > 1;
  });
  if (nested.length === 0) return [];
  const message = `${at.peer.image} removes or archives the directory of the same last name at the top of the export when ${some(nested.map(claimKeyOf))} is deleted; Larder goes by the whole path`;
  const fix = 'delete no such claim before Larder runs; then `larder volumes audit` lists what was left behind';
  return [found('warning', 'nested directories', message, fix)];
}

/** The chart gives Larder roles of its own; these are for who lets it run with the account of the peer. */
function rolesCheck({ off, peer }: Surroundings): readonly Finding[] {
  if (off.length === 0) return [found('ok', 'roles', `the account ${peer.account} may do all that Larder does`)];
  const message = `with the account ${nameOf({ ...peer, name: peer.account })} Larder would do without: ${off.map(({ feature }) => feature).join(', ')}`;
  return [found('warning', 'roles', message, 'let the chart make an account, or apply docs/reference/rbac.yaml')];
}
