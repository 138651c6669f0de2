/** StorageClass parameters → options. Every parameter is one row of `parameters`, which the reference page is made from. */

import type { StorageClass } from '../kube/kinds.ts';
import { classWarningsOf } from './class-warnings.ts';
import {
  listOf,
  parseBudget,
  parseId,
  parseMinFree,
  parseMode,
  parseRate,
  parseRetention,
  type Retention,
} from './parameter.ts';
import { defaultPattern, type Pattern, parsePattern, quote } from './pattern.ts';

export type RemovalAction = 'delete' | 'archive' | 'retain';

export interface ClassOptions {
  readonly pattern: Pattern;
  readonly onMissing: 'fail' | 'empty';
  /** What happens to the directory when a volume with reclaim policy Delete is released. */
  readonly onDelete: RemovalAction;
  readonly onConflict: 'share-namespace' | 'fail' | 'share';
  readonly dirMode: number;
  /** Undefined: 0 as root, the caller's own id otherwise. */
  readonly dirUid: number | undefined;
  readonly dirGid: number | undefined;
  readonly allowOverrides: readonly Override[];
  readonly existingMode: 'auto' | 'correct' | 'keep' | 'fail';
  readonly adopt: 'listed' | 'any' | 'none';
  /** Globs in which `<namespace>` stands for the claim's namespace. */
  readonly adoptable: readonly string[];
  /** Undefined: the backend decides. */
  readonly allowLocal: boolean | undefined;
  readonly allowSlashInValues: boolean;
  readonly strictNames: boolean;
  readonly place: ExportChoice;
  readonly quota: 'none' | 'report' | 'enforce';
  /** How much all claims of a namespace may request on the export; undefined: the class does not say. */
  readonly namespaceBudget: bigint | undefined;
  readonly minFreeBytes: bigint;
  readonly minFreeInodes: bigint;
  readonly archiveRetention: Retention;
  readonly trashRetention: Retention;
  readonly deleteAdopted: boolean;
  /** Bytes a second that all clones of the class write together; undefined: as many as they can. */
  readonly cloneRate: bigint | undefined;
}

export type Override = 'mode' | 'uid' | 'gid';

export type ExportChoice =
  | { readonly kind: 'default' }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'at'; readonly server: string; readonly share: string };

export type ParsedClass =
  | { readonly kind: 'options'; readonly options: ClassOptions; readonly warnings: readonly string[] }
  /** Each problem names the parameter, the value and what is accepted. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

type Read = { readonly ok: true; readonly set: Partial<Draft> } | { readonly ok: false };
type Draft = { -readonly [Key in keyof ClassOptions]: ClassOptions[Key] } & {
  onDeleteSaid: boolean;
  archive: boolean | undefined;
  exportName: string | undefined;
  server: string | undefined;
  share: string | undefined;
};

interface Parameter {
  readonly accepted: string;
  /** As the reference page shows it; empty when there is none. */
  readonly default: string;
  readonly read: (value: string) => Read;
}

const bad: Read = { ok: false };
const set = (values: Partial<Draft>): Read => ({ ok: true, set: values });

function choice<const T extends string>(values: readonly T[], use: (value: T) => Partial<Draft>) {
  return (text: string): Read => {
    const found = values.find((value) => value === text);
    return found === undefined ? bad : set(use(found));
  };
}

/** The spellings of Go's strconv.ParseBool, because existing classes carry them. */
function yesNo(use: (value: boolean) => Partial<Draft>) {
  return (text: string): Read => {
    if (/^(1|t|T|true|TRUE|True)$/.test(text)) return set(use(true));
    if (/^(0|f|F|false|FALSE|False)$/.test(text)) return set(use(false));
    return bad;
  };
}

/** What a reader of parameter.ts makes of the text, and where it goes. */
function parsed<T>(parse: (text: string) => T | undefined, use: (value: T) => Partial<Draft>) {
  return (text: string): Read => {
    const value = parse(text);
    return value === undefined ? bad : set(use(value));
  };
}

const DURATION = 'a duration such as "7d", "12h", "30m" or "90s", or "never"';
const BOOLEAN = '"true" or "false"';
const ID = 'a number from 0 to 4294967294';

export const parameters: Readonly<Record<string, Parameter>> = {
  pathPattern: {
    accepted: 'text with variables such as "${.PVC.namespace}/${.PVC.name}"',
    default: '<namespace>-<name>-<pv name>',
    read: (value) => {
      const found = parsePattern(value);
      return found.kind === 'pattern' ? set({ pattern: found.pattern }) : bad;
    },
  },
  onMissing: {
    accepted: '"fail" or "empty"',
    default: 'fail',
    read: choice(['fail', 'empty'], (onMissing) => ({ onMissing })),
  },
  // Anything else falls through to archiveOnDelete, as in nfs-subdir-external-provisioner.
  onDelete: {
    accepted: '"delete" or "retain"; anything else leaves the choice to archiveOnDelete',
    default: '',
    read: (value) =>
      set(value === 'delete' || value === 'retain' ? { onDelete: value, onDeleteSaid: true } : { onDeleteSaid: false }),
  },
  archiveOnDelete: { accepted: BOOLEAN, default: 'true', read: yesNo((archive) => ({ archive })) },
  onConflict: {
    accepted: '"share-namespace", "fail" or "share"',
    default: 'share-namespace',
    read: choice(['share-namespace', 'fail', 'share'], (onConflict) => ({ onConflict })),
  },
  dirMode: {
    accepted: 'an octal mode such as "0777" or, with setgid, "2775"',
    default: '0777',
    read: parsed(parseMode, (dirMode) => ({ dirMode })),
  },
  dirUid: { accepted: ID, default: '0', read: parsed(parseId, (dirUid) => ({ dirUid })) },
  dirGid: { accepted: ID, default: '0', read: parsed(parseId, (dirGid) => ({ dirGid })) },
  allowOverrides: {
    accepted: 'a comma-separated list of "mode", "uid" and "gid"',
    default: '',
    read: (value) => {
      const words = listOf(value);
      const known = words.filter((word): word is Override => word === 'mode' || word === 'uid' || word === 'gid');
      return known.length === words.length ? set({ allowOverrides: known }) : bad;
    },
  },
  existingMode: {
    accepted: '"auto", "correct", "keep" or "fail"',
    default: 'auto',
    read: choice(['auto', 'correct', 'keep', 'fail'], (existingMode) => ({ existingMode })),
  },
  adopt: {
    accepted: '"listed", "any" or "none"',
    default: 'listed',
    read: choice(['listed', 'any', 'none'], (adopt) => ({ adopt })),
  },
  adoptable: {
    accepted: 'a comma-separated list of globs such as "glusterfs_<namespace>_*"',
    default: '',
    read: (value) => set({ adoptable: listOf(value) }),
  },
  allowLocal: {
    accepted: BOOLEAN,
    default: 'false; true for the local backend',
    read: yesNo((allowLocal) => ({ allowLocal })),
  },
  allowSlashInValues: {
    accepted: BOOLEAN,
    default: 'false',
    read: yesNo((allowSlashInValues) => ({ allowSlashInValues })),
  },
  strictNames: { accepted: BOOLEAN, default: 'true', read: yesNo((strictNames) => ({ strictNames })) },
  export: {
    accepted: 'the name of an export: "SERVER:PATH", "local:PATH", "nfs" or "local"',
    default: 'the first export',
    read: (exportName) => (exportName === '' ? bad : set({ exportName })),
  },
  server: {
    accepted: 'the NFS server of an export, together with share',
    default: '',
    read: (server) => (server === '' ? bad : set({ server })),
  },
  share: {
    accepted: 'the absolute path of an export, together with server',
    default: '',
    read: (share) => (share.startsWith('/') ? set({ share: share.replace(/(.)\/+$/, '$1') }) : bad),
  },
  quota: {
    accepted: '"none", "report" or "enforce"',
    default: 'report',
    read: choice(['none', 'report', 'enforce'], (quota) => ({ quota })),
  },
  namespaceBudget: {
    accepted: 'a quantity such as "100Gi"',
    default: '',
    read: parsed(parseBudget, (namespaceBudget) => ({ namespaceBudget })),
  },
  minFree: {
    accepted: 'a quantity such as "64Mi", or with a number of inodes "64Mi,1024"',
    default: '64Mi,1024',
    read: parsed(parseMinFree, (minFree) => minFree),
  },
  archiveRetention: {
    accepted: DURATION,
    default: 'never',
    read: parsed(parseRetention, (archiveRetention) => ({ archiveRetention })),
  },
  trashRetention: {
    accepted: DURATION,
    default: '7d',
    read: parsed(parseRetention, (trashRetention) => ({ trashRetention })),
  },
  deleteAdopted: { accepted: BOOLEAN, default: 'false', read: yesNo((deleteAdopted) => ({ deleteAdopted })) },
  cloneRate: {
    accepted: 'bytes a second such as "50Mi", at least "1Mi", or "unlimited"',
    default: '50Mi',
    read: parsed(parseRate, ({ bytesPerSecond }) => ({ cloneRate: bytesPerSecond })),
  },
};

const defaults = (): Draft => ({
  pattern: defaultPattern,
  onMissing: 'fail',
  onDelete: 'archive',
  onDeleteSaid: false,
  archive: undefined,
  onConflict: 'share-namespace',
  dirMode: 0o777,
  dirUid: undefined,
  dirGid: undefined,
  allowOverrides: [],
  existingMode: 'auto',
  adopt: 'listed',
  adoptable: [],
  allowLocal: undefined,
  allowSlashInValues: false,
  strictNames: true,
  place: { kind: 'default' },
  exportName: undefined,
  server: undefined,
  share: undefined,
  quota: 'report',
  namespaceBudget: undefined,
  minFreeBytes: 64n * 1024n * 1024n,
  minFreeInodes: 1024n,
  archiveRetention: { text: 'never', ms: undefined },
  trashRetention: { text: '7d', ms: 7 * 86_400_000 },
  deleteAdopted: false,
  cloneRate: 50n * 1024n * 1024n,
});

const RECREATE = 'parameters of a class cannot be edited, so delete the class and create it again';

/** Reads all parameters of a class. Every problem is found, not only the first. */
export function parseClass(storageClass: StorageClass): ParsedClass {
  const draft = defaults();
  const problems: string[] = [];
  const name = storageClass.metadata.name;
  for (const [key, value] of Object.entries(storageClass.parameters ?? {})) {
    const parameter = Object.hasOwn(parameters, key) ? parameters[key] : undefined;
    if (!parameter) {
      const known = Object.keys(parameters).join(', ');
      problems.push(`class ${name}: parameter ${quote(key)} is not known; accepted are ${known}: ${RECREATE}`);
      continue;
    }
    const read = parameter.read(value);
    if (read.ok) Object.assign(draft, read.set);
    else problems.push(`class ${name}: ${problemOf(key, value, parameter)}: ${RECREATE}`);
  }
  if ((draft.server === undefined) !== (draft.share === undefined)) {
    problems.push(`class ${name}: parameters server and share belong together, one of them is missing: ${RECREATE}`);
  }
  if (draft.exportName !== undefined && draft.server !== undefined) {
    problems.push(`class ${name}: parameter export excludes server and share: ${RECREATE}`);
  }
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'options', options: finish(draft), warnings: classWarningsOf(storageClass) };
}

function problemOf(key: string, value: string, parameter: Parameter): string {
  const text = `parameter ${key} is ${quote(value)}, accepted is ${parameter.accepted}`;
  if (key !== 'pathPattern') return text;
  const found = parsePattern(value);
  return found.kind === 'malformed' ? `${text} (${found.reason})` : text;
}

function finish(draft: Draft): ClassOptions {
  const { onDeleteSaid, archive, exportName, server, share, ...options } = draft;
  if (!onDeleteSaid) options.onDelete = archive === false ? 'delete' : 'archive';
  if (exportName !== undefined) options.place = { kind: 'named', name: exportName };
  if (server !== undefined && share !== undefined) options.place = { kind: 'at', server, share };
  return options;
}
