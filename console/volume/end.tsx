import { type ReactNode, useEffect, useState } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { VolumeRow } from '../../src/operator/api.ts';
import type { EndAnswer } from '../../src/operator/end-api.ts';
import { Link } from '../frame/link.tsx';
import { Modal } from '../frame/modal.tsx';
import { useMay } from '../live/me.ts';
import { useIsLive } from '../live/use-live.ts';
import { CommandLine } from '../parts/copy.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { exactTime } from '../words/time.ts';
import { endVerbs, SetEnd } from './set-end.tsx';
import { useEnd } from './use-end.ts';

interface Properties {
  readonly row: VolumeRow;
  readonly onClose: () => void;
}

type Choice = EndAnswer['choices'][number];

/** What becomes of the directory when the claim is deleted. The console deletes no claim. */
export function End({ row, onClose }: Properties): ReactNode {
  const { end, error, refetch } = useEnd(row);
  const [chosen, setChosen] = useState<Choice | undefined>(undefined);
  useFocusBack();
  if (chosen) return <SetEnd row={row} choice={chosen} onClose={() => setChosen(undefined)} />;
  return (
    <Modal title={`When ${row.namespace}/${row.claim} is deleted`} onClose={onClose} className="action">
      {end ? (
        <Told end={end} />
      ) : error ? (
        <FailureNote what="What becomes of it was not read" cause={error} retry={() => void refetch()} />
      ) : (
        <Waiting what="what becomes of it" />
      )}
      <footer>
        <button type="button" onClick={onClose}>
          Close
        </button>
        {end && <Choices end={end} onChoose={setChosen} />}
      </footer>
    </Modal>
  );
}

/** One dialog follows another here, and a browser only remembers what had the focus before the last. */
function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (opener instanceof HTMLElement) opener.focus();
    },
    [opener],
  );
}

function Told({ end }: { readonly end: EndAnswer }): ReactNode {
  const { words, state } = end;
  return (
    <>
      <p>
        <strong>{words.says}</strong>
        {words.until !== undefined && state !== 'gone' && ` If it is deleted now, that is ${exactTime(words.until)}.`}
      </p>
      <p className="quiet">{words.leaves}</p>
      <Use end={end} />
      {state === 'there' && (
        <>
          <p className="quiet">The console deletes no claim. This does, for whoever may in the cluster:</p>
          <CommandLine command={end.command} />
        </>
      )}
      {words.back !== '' && <Back words={words} />}
      {end.fixed !== '' && (
        <>
          <p className="quiet">{end.fixed}</p>
          {end.fixedCommand !== '' && <CommandLine command={end.fixedCommand} />}
        </>
      )}
    </>
  );
}

function Use({ end: { pods, state } }: { readonly end: EndAnswer }): ReactNode {
  if (state === 'gone') return <p>The claim is gone already.</p>;
  const going = state === 'going' ? 'The claim was deleted already, and is there until no pod uses it. ' : '';
  const used =
    pods === undefined
      ? ''
      : pods.length === 0
        ? 'No pod uses it now.'
        : `Used now by ${pods.join(', ')}: a deleted claim stays until no pod uses it.`;
  return going + used === '' ? null : <p>{going + used}</p>;
}

function Back({ words }: Pick<EndAnswer, 'words'>): ReactNode {
  const lies = words.kind === 'archive' || words.kind === 'trash';
  return (
    <>
      <p className="quiet">
        To use the data again: {words.back}{' '}
        {lies && (
          <>
            The screen <Link to="/trash">Trash</Link> has it too.
          </>
        )}
      </p>
      {words.backCommand !== '' && <CommandLine command={words.backCommand} />}
    </>
  );
}

interface ChoicesProperties {
  readonly end: EndAnswer;
  readonly onChoose: (choice: Choice) => void;
}

function Choices({ end, onChoose }: ChoicesProperties): ReactNode {
  const live = useIsLive();
  const may = useMay(needOf('change volumes'));
  if (!may) return null;
  return end.choices.map((choice) => (
    <button key={choice.onDelete} type="button" disabled={!live} onClick={() => onChoose(choice)}>
      {endVerbs[choice.onDelete]}
    </button>
  ));
}
