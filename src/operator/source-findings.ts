import { ASK_SOMEBODY } from '../expand/usage/chain.ts';
import type { Finding } from './api.ts';
import type { SourceMode } from './usage-sources.ts';

/** How many claims are named where more have no measurement. */
const EXAMPLES = 3;

/**
 * What `doctor` says of where usage comes from. `unmeasured`: claims (`namespace/name`) that are to grow, on volumes that
 * a kubelet or a Prometheus could measure, and without a measurement.
 */
export function usageFindings(sources: readonly SourceMode[], unmeasured: readonly string[]): readonly Finding[] {
  return [...sources.flatMap(sourceFindings), ...blindFindings(sources, unmeasured)];
}

/** Where one is asked, it says itself what it does not know. */
function blindFindings(sources: readonly SourceMode[], unmeasured: readonly string[]): readonly Finding[] {
  if (sources.some(({ isAsked }) => isAsked) || unmeasured.length === 0) return [];
  const examples = unmeasured.slice(0, EXAMPLES).join(', ');
  const more = unmeasured.length > EXAMPLES ? `, and ${unmeasured.length - EXAMPLES} more` : '';
  const count = unmeasured.length === 1 ? '1 claim is' : `${unmeasured.length} claims are`;
  const message = `neither kubelets nor a Prometheus are asked, so nobody knows how full the volumes are: ${count} to grow and cannot: ${examples}${more}`;
  return [{ check: 'usage', level: 'warning', message, fix: `${ASK_SOMEBODY}: docs/guides/usage-sources.md` }];
}

/** How a source is asked, and whom it could not ask. */
function sourceFindings({ name, how, concern, better, health }: SourceMode): readonly Finding[] {
  const check = `usage from ${name}`;
  const last = health();
  const answered = last ? `; ${last.asked - last.failed} of ${last.asked} answered` : '';
  const findings: Finding[] = [
    concern === ''
      ? { check, level: 'ok', message: how + answered, fix: '' }
      : { check, level: 'warning', message: `${how}: ${concern}${answered}`, fix: better },
  ];
  if (last && last.failed > 0) {
    findings.push({
      check,
      level: last.failed === last.asked ? 'error' : 'warning',
      message: `${last.failed} of ${last.asked} gave nothing, for example: ${last.example}`,
      fix: 'docs/guides/usage-sources.md says what each message means; their volumes are not grown meanwhile',
    });
  }
  return findings;
}
