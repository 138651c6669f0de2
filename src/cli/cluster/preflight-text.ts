import type { PreflightFinding } from '../../cluster/preflight/judge.ts';
import { preflightErrors } from '../../cluster/preflight/preflight-code.ts';
import { paint, type Terminal, wrap } from '../output.ts';

const COLORS = { error: 'red', warning: 'yellow', unknown: 'yellow' } as const;

/** Each finding, hosts of the same one together, and what to do once per kind. */
export function findingsText(terminal: Terminal, findings: readonly PreflightFinding[]): string {
  const same = Map.groupBy(findings, ({ severity, message, code }) => `${severity} ${code} ${message}`);
  const lines = [...same.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const { severity, message, code } = first;
    const hosts = all.map(({ host }) => host).join(', ');
    return [`${paint(terminal, COLORS[severity], severity)} ${hosts}: ${message} (${code})`];
  });
  const remedies = [...new Set(findings.map(({ code }) => code))].map((code) =>
    wrap(`Next (${code}): ${preflightErrors[code].remedy}`, Math.min(terminal.columns, 120)),
  );
  return [...lines, ...remedies].map((line) => `${line}\n`).join('');
}
