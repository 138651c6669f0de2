import { type ReactNode, useEffect, useState } from 'react';
import type { AlertRow } from '../../src/cluster/alerts/alert-rows.ts';
import type { AcknowledgeAnswer, AcknowledgeRequest } from '../../src/cluster/sight/answer.ts';
import { shellWord } from '../../src/nomad/report/shell-word.ts';
import { keep, kept } from '../frame/kept.ts';
import { ask } from '../live/ask.ts';
import { useMe } from '../live/me.ts';
import { ActionDialog, type Outcome } from '../parts/action-dialog.tsx';

interface Properties {
  readonly row: AlertRow;
  readonly onClose: () => void;
}

const TIMES = ['30m', '2h', '8h', '1d', '7d'] as const;

/** Under which this browser remembers who sits before it: the console's own token names nobody. */
const WHO = 'takes-alerts';

/** A silence with an end, and a record of who takes care: the same as on the command line. */
export function TakeAlert({ row, onClose }: Properties): ReactNode {
  const me = useMe();
  const [time, setTime] = useState('2h');
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState(kept(WHO) ?? '');
  const by = me?.kind === 'account' ? me.name : typed.trim();
  const filled = JSON.stringify([time, reason, by]);
  const isSettled = useSettled(filled) === filled;
  const isFilled = reason.trim() !== '' && by !== '' && time.trim() !== '';
  const send = (dryRun: boolean, signal?: AbortSignal): Promise<Outcome> => {
    const body: AcknowledgeRequest = {
      fingerprint: row.fingerprint,
      for: time.trim(),
      reason: reason.trim(),
      by,
      dryRun,
    };
    return ask<AcknowledgeAnswer>('/api/cluster/alerts/acknowledge', body, signal);
  };
  const subject = `${row.name} ${row.subject}`.trim();
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: `Take ${subject}`,
        does: 'Exactly this alert is silent until then, and the ledger says who takes care and why, where there is one.',
        leaves: 'Nothing of the cluster changes. When the time is over and it still fires, it is told again.',
        command: `larder cluster alerts ack ${shellWord(row.fingerprint)} --for ${time} --reason "…"`,
        verb: `Take for ${time}`,
        question: isFilled && isSettled ? `${row.fingerprint} ${filled}` : undefined,
        plan: (signal) => send(true, signal),
        act: () => {
          keep(WHO, typed.trim() === '' ? undefined : typed.trim());
          return send(false);
        },
      }}
    >
      <div className="fields">
        <label className="field">
          <span>What is being done</span>
          <input
            value={reason}
            maxLength={1000}
            placeholder="the disk is on its way"
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        {me?.kind !== 'account' && (
          <label className="field">
            <span>Who takes care</span>
            <input value={typed} maxLength={200} placeholder="ana" onChange={(event) => setTyped(event.target.value)} />
          </label>
        )}
        <fieldset aria-label="For how long" className="segments">
          {TIMES.map((each) => (
            <button key={each} type="button" aria-pressed={each === time} onClick={() => setTime(each)}>
              {each}
            </button>
          ))}
        </fieldset>
      </div>
    </ActionDialog>
  );
}

const SETTLED_MS = 400;

/** What stands there when somebody pauses: each dry run asks Alertmanager and looks at the ledger. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
