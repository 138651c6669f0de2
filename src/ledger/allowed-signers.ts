/**
 * The file of `ssh-keygen -Y verify` that says whose key is good for what and when: who has a clone checks a record with
 * programs that are not Larder's. It is made from the records and proves nothing by itself.
 */
import type { Operator, OperatorKey } from './entity.ts';
import { LEDGER_FOLDER, SIGNATURE_NAMESPACE } from './record.ts';
import { HEAD_NAMESPACE } from './signed-head.ts';
import type { State } from './state.ts';

export const ALLOWED_SIGNERS = `${LEDGER_FOLDER}/allowed_signers`;

const TITLE =
  '# Who may sign records, made from the records themselves: change it with larder ledger operator and key.';

/** One line per key and the time that it was good for; also those of the past, whose records stand. */
export function allowedSigners({ operators }: Pick<State, 'operators'>): string {
  const lines = [...operators.values()].flatMap((operator) => operator.keys.map((key) => line(operator, key)));
  return `${[TITLE, ...lines].join('\n')}\n`;
}

/** ssh-keygen takes whole seconds and both ends: what a key signed in the second in which it ended, `verify` judges. */
function line(operator: Operator, key: OperatorKey): string {
  const start = secondOf(key.addedAt);
  const end = endOf(operator, key);
  const options = [
    `namespaces="${SIGNATURE_NAMESPACE},${HEAD_NAMESPACE}"`,
    `valid-after="${stamp(start)}"`,
    // A key that ends in the second in which it came is none for ssh-keygen, and its records stand.
    ...(end === undefined ? [] : [`valid-before="${stamp(Math.max(end, start + 1))}"`]),
  ];
  return `${operator.operatorId} ${options.join(',')} ${key.publicKey}`;
}

function endOf({ expiresAt, expirySaidAt }: Operator, { endedAt }: OperatorKey): number | undefined {
  const ends = endedAt === undefined ? [] : [secondOf(endedAt)];
  if (expiresAt !== undefined) ends.push(Math.max(secondOf(expiresAt), secondOf(expirySaidAt ?? expiresAt)));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function secondOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}

/** 2026-03-01T13:00:00.250+01:00 → 20260301120000Z */
function stamp(second: number): string {
  return `${new Date(second * 1000).toISOString().slice(0, 19).replaceAll(/\D/g, '')}Z`;
}
