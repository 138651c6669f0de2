/** What the command line or the console did, as the event that says so. */
import type { EventData, LedgerEvent } from './event.ts';
import { maskText } from './secret/scan.ts';

type Action = EventData<'action-recorded'>;

export type Done = Omit<Action, 'startedAt' | 'completedAt'> & {
  /** Epoch ms. */
  readonly startedAt: number;
  readonly completedAt: number;
};

/** Fields of a record hold so much; a command that names a thousand files is longer. */
const TEXT_AT_MOST = 4000;

/** Without secrets in any text: those that are known, and what looks like one. */
export function actionEvent(
  done: Done,
  known: readonly string[] = [],
): Extract<LedgerEvent, { type: 'action-recorded' }> {
  const plain = (text: string): string => shortened(maskText(text.toWellFormed(), known));
  const { message, user } = done;
  return {
    type: 'action-recorded',
    data: {
      actionId: done.actionId,
      command: plain(done.command),
      surface: done.surface,
      ...(user === undefined ? {} : { user: plain(user) }),
      startedAt: new Date(done.startedAt).toISOString(),
      completedAt: new Date(done.completedAt).toISOString(),
      result: done.result,
      ...(message === undefined || message === '' ? {} : { message: plain(message) }),
      objects: done.objects.map(({ apiVersion, kind, namespace, name, verb }) => ({
        ...(apiVersion === undefined ? {} : { apiVersion }),
        kind,
        ...(namespace === undefined || namespace === '' ? {} : { namespace: plain(namespace) }),
        name: plain(name),
        verb,
      })),
    },
  };
}

function shortened(text: string): string {
  if (text.length <= TEXT_AT_MOST) return text;
  return `${text.slice(0, TEXT_AT_MOST).toWellFormed()}… (${text.length} characters in all)`;
}
