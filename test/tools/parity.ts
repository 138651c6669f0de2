/** The conformance suite says something only when it says as much about the embedded API as about the real one. */
import type { Finding } from './finding.ts';
import type { LayerResult } from './layer.ts';
import { sameTests } from './layers.ts';

export interface Parity {
  /** Both counts, for a person; undefined when only one of the two layers was asked for. */
  readonly line: string | undefined;
  /** Set when the counts differ. */
  readonly finding: Finding | undefined;
}

type Counted = Pick<LayerResult, 'name' | 'passed' | 'findings' | 'skipped' | 'server'>;

export function parity(results: readonly Counted[]): Parity {
  const [embedded, real] = sameTests.map((name) => results.find((result) => result.name === name));
  if (embedded === undefined || real === undefined) return { line: undefined, finding: undefined };
  const checks = { embedded: checksOf(embedded), real: checksOf(real) };
  const before = `conformance checks: ${checks.embedded} on the embedded API`;
  if (real.server === undefined) {
    const why = [...real.skipped, ...real.findings.map(({ detail }) => detail)].join('; ');
    return { line: `${before}; none on a real control plane: ${why}`, finding: undefined };
  }
  const line = `${before}, ${checks.real} on ${real.server}`;
  if (checks.embedded === checks.real) return { line, finding: undefined };
  const detail = `${line}: every check must run on both`;
  return { line, finding: { name: 'as many checks on both', where: sameTests.join(', '), detail } };
}

/** A skipped test checks nothing. */
function checksOf({ passed, findings }: Counted): number {
  return passed + findings.length;
}
