/** What a Prometheus answers, as series of claims: an instant vector or a range, grouped by who measured. */
import { type Labels, PART } from './promql.ts';

/** Numbers of one volume by one observer: all its series have the same labels, but for name and part. */
export interface Group {
  readonly labels: ReadonlyMap<string, string>;
  /** By part: pairs of seconds and a number, which is NaN for what is none. */
  readonly parts: Map<string, readonly Point[]>;
  /** Two series of one part: which is right cannot be told. */
  twice: boolean;
}

export type Point = readonly [seconds: number, value: number];

/** `refused`: the server says why it gave nothing, or what it gave is no answer. */
export type SeriesAnswer =
  | {
      readonly kind: 'series';
      /** By `namespace/name`, then by observer. */
      readonly groups: ReadonlyMap<string, readonly Group[]>;
      /** What the server warned of, for example that a part of its stores did not answer; then series may be missing. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reason: string };

export function parseSeries(text: string, type: 'vector' | 'matrix', labels: Labels): SeriesAnswer {
  const body = fieldsOf(jsonIn(text));
  if (!body) return { kind: 'refused', reason: 'the answer is cut off or not that of a Prometheus' };
  const { status, error, errorType, warnings } = body;
  if (status !== 'success') {
    const said = typeof error === 'string' ? `${String(errorType ?? 'error')}: ${error}` : 'it did not say success';
    return { kind: 'refused', reason: said };
  }
  const data = fieldsOf(body['data']);
  const result = data?.['result'];
  if (data?.['resultType'] !== type || !Array.isArray(result)) {
    return { kind: 'refused', reason: `the answer holds no ${type}` };
  }
  const byClaim = new Map<string, Map<string, Group>>();
  for (const series of result) enter(fieldsOf(series), labels, byClaim);
  return {
    kind: 'series',
    groups: new Map([...byClaim].map(([key, groups]) => [key, [...groups.values()]])),
    warnings: Array.isArray(warnings) ? warnings.filter((one) => typeof one === 'string') : [],
  };
}

function enter(series: Fields | undefined, names: Labels, byClaim: Map<string, Map<string, Group>>): void {
  const metric = fieldsOf(series?.['metric']);
  const part = metric?.[PART];
  const points = pointsOf(series);
  if (!metric || typeof part !== 'string' || !points) return;
  const labels = new Map<string, string>();
  for (const name of Object.keys(metric).sort()) {
    const text = metric[name];
    if (name !== '__name__' && name !== PART && typeof text === 'string') labels.set(name, text);
  }
  const [namespace, claim] = [labels.get(names.namespace), labels.get(names.claim)];
  if (namespace === undefined || claim === undefined) return;
  const key = `${namespace}/${claim}`;
  const groups = byClaim.get(key) ?? new Map<string, Group>();
  byClaim.set(key, groups);
  const identity = JSON.stringify([...labels]);
  const group = groups.get(identity) ?? { labels, parts: new Map<string, readonly Point[]>(), twice: false };
  groups.set(identity, group);
  if (group.parts.has(part)) group.twice = true;
  group.parts.set(part, points);
}

/** `value` of a vector, `values` of a matrix. */
function pointsOf(series: Fields | undefined): readonly Point[] | undefined {
  const [value, values] = [series?.['value'], series?.['values']];
  const pairs: readonly unknown[] | undefined = Array.isArray(values)
    ? values
    : Array.isArray(value)
      ? [value]
      : undefined;
  return pairs?.map((pair): Point => {
    const [at, text]: readonly unknown[] = Array.isArray(pair) ? pair : [];
    return [typeof at === 'number' ? at : Number.NaN, numberIn(text)];
  });
}

/** `NaN`, `+Inf` and words are no number to us. */
function numberIn(value: unknown): number {
  if (typeof value !== 'string' || !/^[+-]?[\d.]+(?:[eE][+-]?\d+)?$/.test(value)) return Number.NaN;
  return Number(value);
}

/** Names that are used for the place of a whole cluster. */
const CLUSTER_LABELS: readonly string[] = [
  'cluster',
  'clusterName',
  'cluster_id',
  'cluster_name',
  'k8s_cluster',
  'k8s_cluster_name',
  'kubernetes_cluster',
  'project_id',
  'location',
  'tenant_id',
  '__tenant_id__',
  'environment',
  'env',
  'stage',
  'region',
  'datacenter',
  'dc',
];

/**
 * Several observers of one volume (nodes that share it, replicas of a Prometheus, a pod that moved) are fine. Observers
 * of several clusters are not: a claim of the same name is another volume there. Undefined: of one cluster.
 */
export function mixedClusters(groups: readonly Group[]): string | undefined {
  const apart = CLUSTER_LABELS.find((name) => new Set(groups.map(({ labels }) => labels.get(name))).size > 1);
  return apart && `series differ in the label ${apart}: name one with the setting prometheusMatchers`;
}

type Fields = Readonly<Record<string, unknown>>;

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // given up: a body that was cut off says nothing that can be trusted
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
