import type { Finding } from './api.ts';
import type { SourceMode } from './usage-sources.ts';

/** What `doctor` says of a source of usage: how it is asked, and whom it could not ask. */
export function sourceFindings({ name, how, concern, better, health }: SourceMode): readonly Finding[] {
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
