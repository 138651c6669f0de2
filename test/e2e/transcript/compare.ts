/** Two transcripts of one scene, side by side. */
import type { Cap } from './caps.ts';
import type { Entry } from './record.ts';

export interface Comparison {
  /** Every difference that no cap covers, as a person reads it. */
  readonly differences: readonly string[];
  /** The caps that were needed. */
  readonly used: readonly Cap[];
}

/** Of two transcripts of `scene`, entry by entry. */
export function compare(
  scene: string,
  { cluster, embedded }: { readonly cluster: readonly Entry[]; readonly embedded: readonly Entry[] },
  caps: readonly Cap[],
): Comparison {
  const differences: string[] = [];
  const used: Cap[] = [];
  for (let index = 0; index < Math.max(cluster.length, embedded.length); index += 1) {
    const [one, other] = [cluster[index], embedded[index]];
    if (one?.line === other?.line && one?.answer === other?.answer) continue;
    const cap = caps.find((each) => each.scene === scene && each.line === one?.line && each.line === other?.line);
    if (cap && one && other && covers(cap, one.answer, other.answer)) used.push(cap);
    else differences.push(`$ kubectl ${one?.line ?? other?.line}\n${sides(one, other)}`);
  }
  return { differences, used };
}

function covers(cap: Cap, cluster: string, embedded: string): boolean {
  const [one, other] = [without(cluster, cap.cluster), without(embedded, cap.embedded)];
  return one !== undefined && one === other;
}

/** Undefined when one of the lines is not there. */
function without(answer: string, lines: readonly string[]): string | undefined {
  const rest = answer.split('\n');
  for (const line of lines) {
    const at = rest.indexOf(line);
    if (at < 0) return undefined;
    rest.splice(at, 1);
  }
  return rest.join('\n');
}

/** The lines that only one side has; all of them when these do not tell it. */
function sides(one: Entry | undefined, other: Entry | undefined): string {
  const [cluster, embedded] = [linesOf(one), linesOf(other)];
  const shown = [
    ...cluster.filter((line) => !embedded.includes(line)).map((line) => `cluster:  ${line}`),
    ...embedded.filter((line) => !cluster.includes(line)).map((line) => `embedded: ${line}`),
  ];
  const all = [...cluster.map((line) => `cluster:  ${line}`), ...embedded.map((line) => `embedded: ${line}`)];
  return (shown.length > 0 ? shown : all).join('\n');
}

function linesOf(entry: Entry | undefined): readonly string[] {
  return entry === undefined ? ['(nothing)'] : entry.answer.trimEnd().split('\n');
}
