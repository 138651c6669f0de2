/** The verdict over everything that was looked at. */
import type { EventData } from '../../ledger/event.ts';
import { type DriftFinding, type DriftKind, driftKindNames, type Looked, type Unknown } from './finding.ts';
import { type Ignored, type IgnoreRule, withIgnored } from './ignore.ts';

export type ReportedFinding = DriftFinding & { readonly ignored?: Ignored };

export interface DriftReport {
  readonly reportId: string;
  readonly cluster: string;
  /** RFC 3339: when the look began. */
  readonly observedAt: string;
  readonly durationMs: number;
  /** `drift` where a finding counts; `unknown` where something could not be looked at; never clean by lack of knowledge. */
  readonly verdict: 'none' | 'drift' | 'unknown';
  /** In the order of the kinds, then by object. */
  readonly findings: readonly ReportedFinding[];
  readonly unknown: readonly Unknown[];
  readonly notes: readonly string[];
  /** Kinds that were not asked for: the report is about a part of the cluster. */
  readonly leftOut: readonly DriftKind[];
}

export interface Judged {
  readonly reportId: string;
  readonly cluster: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly looked: Looked;
  readonly rules: readonly IgnoreRule[];
  readonly kinds: readonly DriftKind[];
  /** Takes what is known to be secret out of a text. */
  readonly mask: (text: string) => string;
}

export function driftReport(judged: Judged): DriftReport {
  const { reportId, cluster, startedAt, endedAt, looked, rules, kinds, mask } = judged;
  const asked = <T extends { readonly kind: DriftKind }>(each: T): boolean => kinds.includes(each.kind);
  const told = looked.findings.filter(asked).map((each) => ({ ...each, message: shortened(mask(each.message)) }));
  const { findings, notes } = withIgnored(told.toSorted(inOrder), rules, startedAt);
  const unknown = looked.unknown.filter(asked).map((each) => ({ ...each, why: shortened(mask(each.why)) }));
  const leftOut = driftKindNames.filter((kind) => !kinds.includes(kind));
  return {
    reportId,
    cluster,
    observedAt: new Date(startedAt).toISOString(),
    durationMs: endedAt - startedAt,
    verdict: findings.some(counts) ? 'drift' : unknown.length > 0 ? 'unknown' : 'none',
    findings,
    unknown: unknown.toSorted(inOrder),
    // A rule that matches nothing may be about what was left out.
    notes: [...looked.notes.map(mask), ...(leftOut.length === 0 ? notes : [])],
    leftOut,
  };
}

function counts({ ignored }: ReportedFinding): boolean {
  return ignored === undefined;
}

/** What the ledger keeps. */
export function driftEvent({
  reportId,
  observedAt,
  verdict,
  findings,
  unknown,
}: DriftReport): EventData<'drift-reported'> {
  return {
    reportId,
    observedAt,
    verdict,
    findings: findings.map(({ kind, object, message, ignored }) => ({
      kind,
      object,
      message,
      ...(ignored && { ignored }),
    })),
    ...(unknown.length > 0 && { unknown: unknown.map(({ kind, object, why }) => `${kind} ${object}: ${why}`) }),
  };
}

export interface KindCount {
  readonly kind: DriftKind;
  readonly counted: number;
  readonly ignored: number;
  readonly unknown: number;
}

/** A row for each kind that was asked for. */
export function countsByKind({ findings, unknown, leftOut }: DriftReport): readonly KindCount[] {
  return driftKindNames
    .filter((kind) => !leftOut.includes(kind))
    .map((kind) => {
      const own = findings.filter((finding) => finding.kind === kind);
      const counted = own.filter(counts).length;
      return {
        kind,
        counted,
        ignored: own.length - counted,
        unknown: unknown.filter((each) => each.kind === kind).length,
      };
    });
}

/** `3 findings (1 ignored), 2 could not be looked at`. */
export function summaryOf({ findings, unknown }: DriftReport): string {
  const counted = findings.filter(counts).length;
  const ignored = findings.length - counted;
  const words = [
    counted === 0 ? 'no drift' : `${counted} ${counted === 1 ? 'finding' : 'findings'}`,
    ...(ignored === 0 ? [] : [`${ignored} ignored`]),
    ...(unknown.length === 0 ? [] : [`${unknown.length} could not be looked at`]),
  ];
  return words.join(', ');
}

/** A field of the ledger takes so much; the kind and the object of an unknown stand before it. */
const MESSAGE_AT_MOST = 1000;

function shortened(text: string): string {
  const line = text.toWellFormed().replace(/\s+/g, ' ').trim();
  return line.length <= MESSAGE_AT_MOST ? line : `${line.slice(0, MESSAGE_AT_MOST - 1).toWellFormed()}…`;
}

function inOrder(
  a: { readonly kind: DriftKind; readonly object: string },
  b: { readonly kind: DriftKind; readonly object: string },
): number {
  const kinds = driftKindNames.indexOf(a.kind) - driftKindNames.indexOf(b.kind);
  return kinds !== 0 ? kinds : a.object < b.object ? -1 : a.object > b.object ? 1 : 0;
}
