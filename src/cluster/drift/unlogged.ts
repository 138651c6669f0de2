/** Writes to objects that no record is about: what the cluster remembers of who wrote when, against the ledger. */
import { FIELD_MANAGER } from '../change/comparison.ts';
import { groupOf, keyOfObject, subjectOf, textAt } from '../change/manifest.ts';
import type { DriftFinding } from './finding.ts';
import type { LiveObject, Write } from './live-object.ts';
import type { Logged } from './logged.ts';

export interface UnloggedOptions {
  readonly logged: Logged;
  /** Keys of the objects that manifests hold: of these every writer that is no controller counts. */
  readonly wanted: ReadonlySet<string>;
}

type Writer =
  /** Part of the cluster: its writes are nobody's change. */
  | 'controller'
  /** A person, or what one runs. */
  | 'person'
  /** Nobody knows: it counts where a manifest says how the object should be. */
  | 'unheard-of';

/** One finding per object and writer, with what it wrote last. */
export function unlogged(objects: readonly LiveObject[], { logged, wanted }: UnloggedOptions): readonly DriftFinding[] {
  const releases = helmReleases(objects);
  return objects.flatMap((object) => {
    const isWanted = wanted.has(keyOfObject(object));
    const counted = object.writes.filter((write) => {
      const writer = writerOf(write, object, releases);
      return writer === 'person' || (writer === 'unheard-of' && isWanted);
    });
    return counted
      .filter((write) => isUnrecorded(object, write, logged))
      .map((write) => ({ kind: 'unlogged-change', object: subjectOf(object), message: messageOf(write) }));
  });
}

/** What is older than the ledger could not have been recorded. */
function isUnrecorded(object: LiveObject, write: Write, { since, covers }: Logged): boolean {
  // The server drops the fractions of a second.
  return !Number.isNaN(write.at) && write.at >= Math.floor(since / 1000) * 1000 && !covers(object, write);
}

/** In the order in which they are asked; the first that matches says who it is. */
const writers: readonly { readonly manager: RegExp; readonly is: Writer }[] = [
  { manager: new RegExp(`^${FIELD_MANAGER}$`), is: 'person' },
  { manager: /^larder-cli$/, is: 'person' },
  { manager: /^larder(-.*)?$/, is: 'controller' },
  // Programs of Kubernetes and k3s. `deploy@HOST` is k3s applying what lies in server/manifests.
  {
    manager: /^(kube-controller-manager|kube-scheduler|kube-apiserver|kubelet|cloud-controller-manager)$/,
    is: 'controller',
  },
  {
    manager: /^(k3s(-[a-z-]+)?|deploy@.+|helm-controller|helm-controller@.+|clusterrole-aggregation-controller)$/,
    is: 'controller',
  },
  {
    manager: /^(coredns|metrics-server|local-path-provisioner|traefik|klipper-lb|kube-vip|speaker|flannel|cilium.*)$/,
    is: 'controller',
  },
  // What people type or click: kubectl names itself after its verb, or as itself when it applies on the server.
  { manager: /^kubectl(-.*)?$/, is: 'person' },
  {
    manager:
      /^(helm|Helm|flux|k9s|Lens|Headlamp|headlamp|Mozilla|node-fetch|curl|Wget|python-requests|OpenAPI-Generator)$/,
    is: 'person',
  },
  { manager: /^(Terraform|HashiCorp|OpenTofu|terraform.*|tofu|ansible.*|pulumi.*)$/, is: 'person' },
];

function writerOf({ manager, subresource }: Write, object: LiveObject, releases: ReadonlySet<string>): Writer {
  if (subresource === 'status') return 'controller';
  // k3s runs helm for its HelmChart objects, such as the one of Traefik.
  if (manager === 'helm' && releases.has(textAt(object.annotations, 'meta.helm.sh/release-name'))) return 'controller';
  return writers.find((row) => row.manager.test(manager))?.is ?? 'unheard-of';
}

/** Names of the releases that k3s' helm controller keeps. */
function helmReleases(objects: readonly LiveObject[]): ReadonlySet<string> {
  const charts = objects.filter(
    ({ apiVersion, kind }) => kind === 'HelmChart' && groupOf(apiVersion) === 'helm.cattle.io',
  );
  return new Set(charts.flatMap(({ name }) => [name, `${name}-crd`]));
}

const FIELDS_AT_MOST = 3;

function messageOf({ manager, at, fields, subresource, operation }: Write): string {
  const shown = fields.slice(0, FIELDS_AT_MOST).join(', ');
  const more = fields.length > FIELDS_AT_MOST ? ` and ${fields.length - FIELDS_AT_MOST} more` : '';
  const through = subresource === '' ? '' : ` through ${subresource}`;
  const what = shown === '' ? 'it' : `${shown}${more}`;
  const verb = operation === 'Apply' ? 'applied' : 'wrote';
  return `${manager} ${verb} ${what}${through} on ${new Date(at).toISOString()}, and no record is about it`;
}
