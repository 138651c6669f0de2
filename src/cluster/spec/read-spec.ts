/** Reads cluster.yaml: every mistake at once, each at its line. */
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../../kube/error.ts';
import { type ClusterSpec, clusterSpec, type WrittenSpec } from './cluster-spec.ts';
import type { SpecFinding, SpecPath } from './finding.ts';
import { standsBesideNomad } from './rules/rule.ts';
import { brokenRules } from './rules.ts';

/** More would make of a small file a large value. */
const ALIASES_AT_MOST = 100;

/** A finding and the line and column, from 1, that it is about. */
export interface PlacedFinding extends SpecFinding {
  readonly line: number;
  readonly column: number;
}

export type ReadSpec =
  | { readonly kind: 'spec'; readonly spec: ClusterSpec; readonly warnings: readonly PlacedFinding[] }
  | { readonly kind: 'refused'; readonly findings: readonly PlacedFinding[] };

/** `today` as 2026-03-01: deviations end. Rules are looked at only where every value is one that is accepted. */
export function readSpec(text: string, today: string): ReadSpec {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) {
    const findings = document.errors.map(({ message, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      return { rule: 'yaml', severity: 'error' as const, path: [], message, line, column: col };
    });
    return { kind: 'refused', findings };
  }
  const place = (finding: SpecFinding): PlacedFinding => {
    const offset = offsetOf(document.contents, finding.path);
    const { line, col } = lines.linePos(offset);
    return { ...finding, line, column: col };
  };
  const value = plainValue(document);
  if (value.kind === 'bomb') return { kind: 'refused', findings: [place(value.finding)] };
  const parsed = clusterSpec.safeParse(value.value, { reportInput: true });
  if (!parsed.success)
    return { kind: 'refused', findings: parsed.error.issues.flatMap(schemaFindings).map(place).toSorted(byPlace) };
  const spec = withDefaults(parsed.data);
  const findings = brokenRules(spec, today).map(place).toSorted(byPlace);
  const refused = findings.some(({ severity }) => severity === 'error');
  return refused ? { kind: 'refused', findings } : { kind: 'spec', spec, warnings: findings };
}

type PlainValue =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'bomb'; readonly finding: SpecFinding };

function plainValue(document: Document): PlainValue {
  try {
    return { kind: 'value', value: document.toJS({ maxAliasCount: ALIASES_AT_MOST }) };
  } catch (failure) {
    const why = messageOf(failure);
    return {
      kind: 'bomb',
      finding: { rule: 'yaml', severity: 'error', path: [], message: `its aliases are refused: ${why}` },
    };
  }
}

/** Beside Nomad nothing takes the ports that its services have, unless somebody says so. */
function withDefaults(written: WrittenSpec): ClusterSpec {
  const { ingress = 'traefik', loadBalancer = 'servicelb' } = written;
  const quiet = standsBesideNomad(written);
  return {
    ...written,
    ingress: quiet ? (written.ingress ?? 'none') : ingress,
    loadBalancer: quiet ? (written.loadBalancer ?? 'none') : loadBalancer,
  };
}

function schemaFindings(issue: z.core.$ZodIssue): readonly SpecFinding[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const finding = (at: SpecPath, message: string): SpecFinding => ({
    rule: 'schema',
    severity: 'error',
    path: at,
    message,
  });
  if (issue.code === 'unrecognized_keys') {
    const accepted = acceptedAt(path);
    return issue.keys.map((key) =>
      finding([...path, key], `${dotted([...path, key])} is not known; accepted here: ${accepted.join(', ')}`),
    );
  }
  return [finding(path, `${dotted(path)} ${sentence(issue)}`)];
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return `is missing; expected: ${issue.expected}`;
  if (issue.code === 'invalid_value')
    return `is ${shown(issue.input)}; accepted: ${issue.values.map(String).join(', ')}`;
  const told = /^(is|leads|a cluster) /.test(issue.message) ? issue.message : `is not accepted: ${issue.message}`;
  const mayBeSecret = told.startsWith('is not a reference to a secret');
  const short = typeof issue.input === 'string' || typeof issue.input === 'number';
  return short && !mayBeSecret ? `${shown(issue.input)} ${told}` : told;
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

/** Keys of the part of the schema at a path. */
function acceptedAt(path: SpecPath): readonly string[] {
  const at = path.reduce<z.core.$ZodType | undefined>((schema, step) => {
    const inner = unwrapped(schema);
    if (inner instanceof z.ZodArray) return inner.element;
    return inner instanceof z.ZodObject ? inner.shape[step] : undefined;
  }, clusterSpec);
  const inner = unwrapped(at);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function unwrapped(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const wrapped = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return wrapped ? unwrapped(schema.def.innerType) : schema;
}

/** `nodes[0].address`; the file itself is `cluster.yaml`. */
function dotted(path: SpecPath): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? 'cluster.yaml' : text.replace(/^\./, '');
}

/** Where the last part of the path that is written begins: a missing field is told at what should hold it. */
function offsetOf(contents: Node | null, path: SpecPath): number {
  let node: unknown = contents;
  let offset = contents?.range?.[0] ?? 0;
  for (const step of path) {
    const found = stepInto(node, step);
    if (found === undefined) break;
    ({ node, offset } = found);
  }
  return offset;
}

function stepInto(node: unknown, step: string | number): { node: unknown; offset: number } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step];
    const start = isNode(item) ? item.range?.[0] : undefined;
    return start === undefined ? undefined : { node: item, offset: start };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  const start = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  return start === undefined ? undefined : { node: pair?.value, offset: start };
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value);
}

function byPlace(a: PlacedFinding, b: PlacedFinding): number {
  return a.line - b.line || a.column - b.column;
}
