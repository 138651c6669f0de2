import { type ReactNode, useState } from 'react';
import type { PolicyAnswer, PolicyPreview, PolicySaveAnswer, Written } from '../../src/operator/policies/policy-api.ts';
import { ask } from '../live/ask.ts';
import { ActionDialog, type Outcome } from '../parts/action-dialog.tsx';
import { textOf } from './policy-text.ts';
import { reachText } from './reach-text.ts';
import { TextDiff } from './text-diff.tsx';

interface Properties {
  readonly namespace: string;
  readonly name: string;
  readonly object: Written;
  /** For which claims it is. */
  readonly preview: PolicyPreview | undefined;
  /** Of what it was made of; undefined: it is new. */
  readonly version: string | undefined;
  readonly onSaved: (saved: PolicyAnswer) => void;
  /** Goes on with what somebody else has written meanwhile below it. */
  readonly onRebase: (theirs: PolicyAnswer) => void;
  readonly onClose: () => void;
}

/** The API server is asked first, without storing anything; what it would store is shown line by line. */
export function SavePolicy(properties: Properties): ReactNode {
  const { namespace, name, object, preview, version, onSaved, onClose } = properties;
  const [answer, setAnswer] = useState<PolicySaveAnswer | undefined>(undefined);
  const send = async (dryRun: boolean, signal?: AbortSignal): Promise<Outcome> => {
    const body = { namespace, name, object, dryRun, ...(version === undefined ? {} : { version }) };
    const said = await ask<PolicySaveAnswer>('/api/policies/save', body, signal);
    setAnswer(said);
    if (!dryRun && said.kind === 'saved' && said.after) onSaved({ object: said.after, version: said.version });
    return outcomeOf(said);
  };
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: version === undefined ? `Make policy ${namespace}/${name}` : `Save policy ${namespace}/${name}`,
        does: 'The settings count for its claims from then on; a claim that is due grows at the next look.',
        leaves: 'No size changes by saving it, and what a claim says itself still counts first.',
        command: `kubectl apply -f ${name}.yaml`,
        verb: version === undefined ? 'Make policy' : 'Save policy',
        question: JSON.stringify([object, version]),
        plan: (signal) => send(true, signal),
        act: () => send(false),
      }}
    >
      {preview && <p>{reachText(preview, namespace)}</p>}
      {answer && <Difference {...properties} answer={answer} />}
    </ActionDialog>
  );
}

function Difference({ answer, object, onRebase }: Properties & { readonly answer: PolicySaveAnswer }): ReactNode {
  if (answer.kind === 'saved') {
    const [before, after] = [answer.before, answer.after].map((each) => (each ? textOf(each) : ''));
    return <TextDiff before={before ?? ''} after={after ?? ''} label="What changes" />;
  }
  const { theirs, version } = answer;
  if (!theirs) return null;
  return (
    <>
      <p>Theirs (−) and yours (+):</p>
      <TextDiff before={textOf(theirs)} after={textOf(object)} label="Theirs and yours" />
      <button type="button" onClick={() => onRebase({ object: theirs, version })}>
        Keep mine, on top of theirs
      </button>
    </>
  );
}

export function outcomeOf(said: PolicySaveAnswer): Outcome {
  if (said.kind === 'changed') return { changes: false, message: said.message };
  const { changes, message, command } = said;
  return { changes, message, command };
}
