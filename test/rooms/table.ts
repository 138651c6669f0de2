/** The house rules that `rooms.test.ts` checks, as data. docs/architecture.md says why. */

/** What a room may import besides itself. Tests beside the code may also use `embedded`, which stands in for a cluster. */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  telemetry: [],
  http: ['telemetry'],
  kube: ['telemetry'],
  embedded: ['kube', 'http', 'telemetry'],
  provision: ['kube', 'telemetry'],
  expand: ['kube', 'telemetry'],
  providers: ['expand', 'kube'],
  operator: ['telemetry', 'http', 'kube', 'embedded', 'provision', 'expand', 'providers'],
  cli: ['telemetry', 'http', 'kube', 'embedded', 'provision', 'expand', 'providers', 'operator'],
};

/** Fewer source files seen fail: a check that reads nothing finds nothing. */
export const FILES_AT_LEAST = 300;
export const PURE_AT_LEAST = 90;

/**
 * Pure files: no clock, randomness, I/O, npm package (zod aside) or logger, and imports of pure files only (types may
 * come from anywhere). A name that ends in / is a folder. Half of the house; guard it.
 */
export const pure: readonly string[] = [
  'telemetry/registry',
  'http/problem',
  'http/registry',
  'kube/access',
  'kube/backoff',
  'kube/define-resource',
  'kube/error',
  'kube/kinds',
  'kube/lines',
  'kube/object',
  'kube/patch',
  'kube/phase',
  'kube/projection',
  'kube/quantity',
  'kube/reader',
  'kube/registry',
  'kube/resource',
  'kube/selector',
  'embedded/access/access-review',
  'embedded/access/account-token',
  'embedded/access/attributes',
  'embedded/access/authorize',
  'embedded/access/escalation',
  'embedded/access/impersonate',
  'embedded/access/review-kinds',
  'embedded/access/rule',
  'embedded/access/user',
  'embedded/access/creation',
  'embedded/admission',
  'embedded/age',
  'embedded/cel',
  'embedded/cel/',
  'embedded/crd/',
  'embedded/decode',
  'embedded/events',
  'embedded/field',
  'embedded/field-set',
  'embedded/history',
  'embedded/json',
  'embedded/kind',
  'embedded/kinds',
  'embedded/kinds/',
  'embedded/label-selector',
  'embedded/limits',
  'embedded/comparison',
  'embedded/json-text',
  'embedded/last-applied',
  'embedded/merge',
  'embedded/null-times',
  'embedded/prune',
  'embedded/typed',
  'embedded/metadata',
  'embedded/names',
  'embedded/nodes/place',
  'embedded/nodes/pod',
  'embedded/nodes/summary',
  'embedded/ownership',
  'embedded/page-token',
  'embedded/patched-text',
  'embedded/pod-account',
  'embedded/present',
  'embedded/policy/',
  'embedded/protobuf',
  'embedded/published',
  'embedded/quota',
  'embedded/refusal',
  'embedded/resources',
  'embedded/row',
  'embedded/schema',
  'embedded/selection',
  'embedded/unified-diff',
  'embedded/stored',
  'embedded/view',
  'embedded/webhook/replay',
  'embedded/webhook/registration',
  'embedded/webhook/question',
  'embedded/webhook/match',
  'embedded/webhook/hook',
  'embedded/webhook/endpoint',
  'embedded/webhook/condition',
  'embedded/webhook/answer',
  'embedded/webhook/admission-review',
  'embedded/registry',
  'embedded/zero-values',
  'embedded/volumes/affinity',
  'embedded/volumes/annotation',
  'embedded/volumes/bind',
  'embedded/volumes/binding',
  'embedded/volumes/class',
  'embedded/volumes/match',
  'embedded/volumes/protect',
  'embedded/volumes/reclaim',
  'provision/annotation',
  'provision/audit',
  'provision/class',
  'provision/conflict',
  'provision/disposal',
  'provision/draft',
  'provision/glob',
  'provision/parameter',
  'provision/pattern',
  'provision/place',
  'provision/plan',
  'provision/problem',
  'provision/registry',
  'provision/storage',
  'provision/support',
  'provision/volume',
  'expand/announce',
  'expand/change',
  'expand/claim',
  'expand/configuration',
  'expand/constraints',
  'expand/decide',
  'expand/decision',
  'expand/explain',
  'expand/facts',
  'expand/fill-gates',
  'expand/gate',
  'expand/gates',
  'expand/history',
  'expand/nearest',
  'expand/next',
  'expand/notices',
  'expand/policy',
  'expand/portion',
  'expand/progress',
  'expand/provider',
  'expand/readable',
  'expand/registry',
  'expand/settings',
  'expand/size',
  'expand/summary',
  'expand/token-bucket',
  'expand/usage/exposition',
  'expand/usage/figures',
  'expand/usage/source',
  'expand/usage/summary',
  'expand/usage/track',
  'providers/directory',
  'providers/generic',
  'providers/index',
  'providers/local',
  'providers/nfs',
  'operator/api',
  'operator/classes',
  'operator/exports',
  'operator/page',
  'operator/rbac',
  'operator/registry',
];

/** Packages that pure files may use, and which of their names; none listed: all. */
export const purePackages: Readonly<Record<string, readonly string[]>> = {
  zod: [],
  '@marcbachmann/cel-js': [],
  'node:crypto': ['createHash'],
  'node:net': ['isIP', 'isIPv4', 'isIPv6'],
};

/** `kube` is a controller runtime and knows no product. */
export const productWords = /\b(nfs|pvc-chonker|chonker|nomad|larder)\b/i;

/** Where `kube` may name one after all. */
export const productWordsAllowed: readonly { readonly file: string; readonly line: RegExp; readonly why: string }[] = [
  { file: 'kube/kinds', line: /\bnfs\??: /, why: 'a field of PersistentVolume in the Kubernetes API' },
  { file: 'kube/projection', line: /\bnfs: .*\['nfs'\]/, why: 'the same field' },
];

/** Lines that a file may have; a test's list of cases is easier to read in one piece. */
export const LINES_AT_MOST = { code: 300, test: 600 };

/** Longer than that, and why that is no harm. */
export const longFiles: Readonly<Record<string, string>> = {
  'test/simulation/export-fs.ts': 'one file system: every operation shares its invariants',
  'test/simulation/history.ts': 'a table: what can happen, and how likely it is',
  'test/simulation/world.ts': 'one world: everything that it owns dies and is born together',
};

/** The only files that may pass on what others export. */
export const barrels: readonly string[] = ['kube/index'];

/** The one file that may touch the globals of time and randomness. */
export const clockFile = 'telemetry/clock';

/** Named after the noun that their functions work on, as `volume` for `locate(volume)` and `isReleased(volume)`. */
export const namedAfterSubject: readonly string[] = [
  'cli/program',
  'cli/signals',
  'embedded/cluster',
  'embedded/schema',
  'embedded/volumes/affinity',
  'embedded/volumes/binding',
  'expand/controller',
  'kube/projection',
  'kube/stream',
  'operator/api',
  'operator/kubeconfig',
  'operator/status',
  'provision/parameter',
  'provision/conflict',
  'provision/directory',
  'provision/probe',
  'provision/roots',
  'provision/support',
  'provision/volume',
];

/** File names that stand for a role in every room, so that their exports carry other names. */
export const rolesByName: readonly string[] = ['registry', 'index', 'main', 'child'];
