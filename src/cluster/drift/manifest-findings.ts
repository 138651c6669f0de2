/** Manifests against the cluster: what the API server says each of them would change. */
import { isObject } from '../../kube/reader.ts';
import { type Comparison, changeOf, sidesOf } from '../change/comparison.ts';
import { type Manifest, subjectOf } from '../change/manifest.ts';
import { masked } from '../change/masking.ts';
import type { SecretShield } from '../change/secret-shield.ts';
import type { DriftFinding, Unknown } from './finding.ts';

/** What the cluster has, as far as it could be listed. */
export interface Existing {
  /** Names; undefined: they could not be listed. */
  readonly namespaces: ReadonlySet<string> | undefined;
  /** Whether a kind is served; undefined: nobody could tell. */
  readonly serves: (manifest: Pick<Manifest, 'apiVersion' | 'kind'>) => boolean | undefined;
}

export interface Surroundings {
  readonly existing: Existing;
  readonly shield: SecretShield;
}

type Said =
  | { readonly kind: 'same' }
  | { readonly kind: 'drift'; readonly message: string }
  | { readonly kind: 'unknown'; readonly why: string };

export function manifestFindings(
  comparisons: readonly Comparison[],
  around: Surroundings,
): { readonly findings: readonly DriftFinding[]; readonly unknown: readonly Unknown[] } {
  const said = comparisons.map((comparison) => ({
    object: subjectOf(comparison.manifest),
    ...sayOf(comparison, around),
  }));
  return {
    findings: said.flatMap((each) =>
      each.kind === 'drift' ? [{ kind: 'manifest' as const, object: each.object, message: each.message }] : [],
    ),
    unknown: said.flatMap((each) =>
      each.kind === 'unknown' ? [{ kind: 'manifest' as const, object: each.object, why: each.why }] : [],
    ),
  };
}

function sayOf(comparison: Comparison, { existing, shield }: Surroundings): Said {
  const { manifest, outcome, live } = comparison;
  const missing = cannotExist(manifest, existing);
  if (missing !== undefined) return { kind: 'drift', message: `${manifest.from}: is not in the cluster: ${missing}` };
  switch (outcome.kind) {
    case 'to-create':
    case 'to-delete':
      return { kind: 'drift', message: `${manifest.from}: is not in the cluster` };
    case 'merged':
      if (live === undefined) return { kind: 'drift', message: `${manifest.from}: is not in the cluster` };
      if (changeOf(comparison) === 'unchanged') return { kind: 'same' };
      return { kind: 'drift', message: `${manifest.from}: ${differences(comparison, shield)}` };
    case 'unknown': {
      if (outcome.conflicts.length === 0)
        return { kind: 'unknown', why: `${manifest.from}: ${shield.mask(outcome.why)}` };
      // Others own fields that the manifest sets otherwise: that they differ is certain, also where nobody can say how.
      const owners = [...new Set(outcome.conflicts.map(({ owner }) => ownerOf(owner)))].join(', ');
      const fields = outcome.conflicts.map(({ field }) => field.replace(/^\./, '')).join(', ');
      const what = outcome.after === undefined ? `${fields} is not as it should be` : differences(comparison, shield);
      return { kind: 'drift', message: `${manifest.from}: ${what}; set by ${owners}` };
    }
    default:
      return outcome satisfies never;
  }
}

/** Certain without asking for the object itself. */
function cannotExist({ apiVersion, kind, namespace }: Manifest, { namespaces, serves }: Existing): string | undefined {
  if (namespace !== undefined && namespaces !== undefined && !namespaces.has(namespace))
    return `its namespace ${namespace} does not exist`;
  return serves({ apiVersion, kind }) === false ? `the cluster does not know ${kind} of ${apiVersion}` : undefined;
}

/** `conflict with "kubectl-edit" using apps/v1` is about kubectl-edit. */
function ownerOf(words: string): string {
  return /^conflict with "([^"]+)"/.exec(words)?.[1] ?? words;
}

/** Shown of so many fields; the rest is counted. */
const FIELDS_AT_MOST = 4;
const VALUE_AT_MOST = 60;

/** Secrets are hidden before anything is compared, so that no value of one is in a message. */
function differences(comparison: Comparison, shield: SecretShield): string {
  const { before, after } = masked(sidesOf(comparison), shield.givesAway);
  const all = [...leaves('', before, after)];
  const shown = all.slice(0, FIELDS_AT_MOST).map((leaf) => shield.mask(leaf));
  const more = all.length > shown.length ? `; and ${all.length - shown.length} more` : '';
  return `${shown.join('; ')}${more}`;
}

function* leaves(path: string, live: unknown, wanted: unknown): Generator<string> {
  if (isObject(live) && isObject(wanted)) {
    for (const name of new Set([...Object.keys(live), ...Object.keys(wanted)])) {
      yield* leaves(path === '' ? name : `${path}.${name}`, own(live, name), own(wanted, name));
    }
    return;
  }
  if (Array.isArray(live) && Array.isArray(wanted)) {
    for (const index of Array.from({ length: Math.max(live.length, wanted.length) }).keys())
      yield* leaves(`${path}[${index}]`, live[index], wanted[index]);
    return;
  }
  if (JSON.stringify(live) === JSON.stringify(wanted)) return;
  yield `${path} is ${shown(live)} and should be ${shown(wanted)}`;
}

function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function shown(value: unknown): string {
  if (value === undefined) return 'not there';
  const text = JSON.stringify(value);
  return text.length <= VALUE_AT_MOST ? text : `${text.slice(0, VALUE_AT_MOST - 1)}…`;
}
