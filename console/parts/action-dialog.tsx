import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Modal } from '../frame/modal.tsx';
import { useIsLive } from '../live/use-live.ts';
import { sentenceText } from '../words/size.ts';
import { CommandLine } from './copy.tsx';
import { FailureNote } from './failure-note.tsx';

/** What a dry run, or the action itself, said. */
export interface Outcome {
  /** There is something to do, or it was done. */
  readonly changes: boolean;
  readonly message: string;
  /** The equivalent command, where the operator knows it better. */
  readonly command?: string;
  /** The word on the button, where the dry run knows better what would be done. */
  readonly verb?: string;
}

export interface Action {
  readonly title: string;
  /** What will happen, in a sentence. */
  readonly does: string;
  /** What will not. */
  readonly leaves: string;
  readonly command: string;
  /** On the button: `Grow to 24 Gi`. */
  readonly verb: string;
  /** Changes with what is filled in: a dry run is made for each. Undefined: nothing is filled in yet. */
  readonly question: string | undefined;
  /** What has to be typed first, because data would go; absent: nothing. */
  readonly mustType?: string | undefined;
  readonly plan: (signal: AbortSignal) => Promise<Outcome>;
  readonly act: () => Promise<Outcome>;
}

interface Properties {
  readonly action: Action;
  readonly onClose: () => void;
  /** What can be filled in. */
  readonly children?: ReactNode;
}

/** First what would be done, then the doing; what was said stays until somebody closes it. */
export function ActionDialog({ action, onClose, children }: Properties): ReactNode {
  const live = useIsLive();
  const { plan, done } = useAction(action);
  const [typed, setTyped] = useState('');
  const planned = action.question === undefined ? undefined : plan.data;
  const meant = action.mustType === undefined || typed.trim() === action.mustType;
  const ready = live && meant && planned?.changes === true && !plan.isFetching && !done.isPending;
  return (
    <Modal title={action.title} onClose={onClose} className="action">
      <p>{action.does}</p>
      <p className="quiet">{action.leaves}</p>
      {!done.isSuccess && children}
      <div className="dry-run" aria-live="polite">
        {done.isSuccess ? (
          <p className={done.data.changes ? 'tone-ok' : 'tone-warn'}>
            <strong>{done.data.changes ? 'Done' : 'Nothing was changed'}:</strong> {sentenceText(done.data.message)}
          </p>
        ) : (
          <Planned planned={planned} waiting={plan.isFetching} failure={plan.error} />
        )}
      </div>
      {done.error && <FailureNote what="It was not done" cause={done.error} />}
      {action.mustType !== undefined && planned?.changes === true && !done.isSuccess && (
        <label className="field">
          <span>
            To go on, type <code>{action.mustType}</code>
          </span>
          <input value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
        </label>
      )}
      <p className="quiet">The same on the command line:</p>
      <CommandLine command={planned?.command ?? action.command} />
      {!live && <p className="tone-danger">The connection is lost; nothing can be changed now.</p>}
      <footer>
        <button type="button" onClick={onClose}>
          {done.isSuccess ? 'Close' : 'Cancel'}
        </button>
        {!done.isSuccess && (
          <button type="button" className="primary" disabled={!ready} onClick={() => done.mutate()}>
            {done.isPending ? 'Working …' : (planned?.verb ?? action.verb)}
          </button>
        )}
      </footer>
    </Modal>
  );
}

function useAction(action: Action) {
  const queries = useQueryClient();
  const plan = useQuery({
    queryKey: ['plan', action.title, action.question],
    enabled: action.question !== undefined,
    queryFn: ({ signal }) => action.plan(signal),
    staleTime: 0,
    gcTime: 0,
  });
  const done = useMutation({
    mutationFn: action.act,
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'plan' }),
  });
  return { plan, done };
}

interface PlannedProperties {
  readonly planned: Outcome | undefined;
  readonly waiting: boolean;
  readonly failure: unknown;
}

function Planned({ planned, waiting, failure }: PlannedProperties): ReactNode {
  if (failure) return <FailureNote what="It would be refused" cause={failure} />;
  if (planned) {
    return (
      <p>
        <strong>{planned.changes ? 'Dry run:' : 'Nothing would happen:'}</strong> {sentenceText(planned.message)}
      </p>
    );
  }
  return <p className="quiet">{waiting ? 'Asking what would happen …' : 'Fill in what is to change.'}</p>;
}
