/** What the cluster remembers of a ledger, in words. Pure. */
import type { ClusterHeadAnswer } from '../../src/operator/ledger/ledger-api.ts';
import type { Look } from './looks.ts';

export function headLook(answer: ClusterHeadAnswer): Look {
  switch (answer.kind) {
    case 'same':
      return { shape: 'circle', tone: 'ok', word: 'same' };
    case 'behind':
      return { shape: 'diamond', tone: 'quiet', word: 'behind' };
    case 'differs':
      return answer.finding.weight === 'break'
        ? { shape: 'square', tone: 'danger', word: 'differs' }
        : { shape: 'triangle', tone: 'warn', word: 'differs' };
    case 'silent':
      return { shape: 'dashed', tone: 'quiet', word: 'not told' };
    case 'not read':
    case 'none':
      return { shape: 'dashed', tone: 'quiet', word: 'cannot be read' };
    default:
      return answer satisfies never;
  }
}

export function headText(answer: ClusterHeadAnswer): string {
  switch (answer.kind) {
    case 'same':
      return 'it remembers the newest record.';
    case 'behind':
      return `it remembers an older record, ${answer.behind.toLocaleString()} before the newest; what was removed after that it would not show.`;
    case 'differs':
      return `${answer.finding.message}. ${answer.finding.remedy}`;
    case 'silent':
      return `${answer.said}. Once it is told, it shows when records at the end are removed.`;
    case 'not read':
      return answer.why;
    case 'none':
      return 'there is no ledger';
    default:
      return answer satisfies never;
  }
}
