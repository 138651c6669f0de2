/** How fast an export answers, in words. Pure. */
import type { ExportRow } from '../../src/operator/api.ts';

/** `3 ms`; `—` while it does not. */
export function answerText({ answeredInMs }: Pick<ExportRow, 'answeredInMs'>): string {
  return answeredInMs === undefined ? '—' : millisecondsText(answeredInMs);
}

export function millisecondsText(ms: number): string {
  if (ms <= 1) return '< 1 ms';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
