import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { shellWord } from '../../src/nomad/report/shell-word.ts';
import type { AdoptRow } from '../../src/operator/api.ts';
import { Modal } from '../frame/modal.tsx';
import { ask } from '../live/ask.ts';
import { CommandLine } from '../parts/copy.tsx';
import { CutNote } from '../parts/cut-note.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { ListTable } from '../parts/list.tsx';
import { Size } from '../parts/size.tsx';
import { Waiting } from '../parts/waiting.tsx';

interface Fields {
  readonly match: string;
  readonly namespace: string;
  readonly size: string;
}

const usual: Fields = { match: 'glusterfs_*', namespace: 'default', size: '' };
const SHOWN = 200;
/** Nobody is asked for every letter: the export is read for each question. */
const REST_MS = 500;

/** Which directories could become volumes. What makes them is a file that a person looks at and applies. */
export function Adopt({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [typed, setTyped] = useState(usual);
  const request = useRested(typed);
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['adopt', request],
    enabled: request.match !== '' && request.namespace !== '',
    queryFn: ({ signal }) => ask<readonly AdoptRow[]>('/api/adopt', bodyOf(request), signal),
  });
  const options = `--match ${shellWord(typed.match)} -n ${shellWord(typed.namespace)}${typed.size === '' ? '' : ` --size ${shellWord(typed.size)}`}`;
  return (
    <Modal title="Adopt directories" onClose={onClose} className="action">
      <p>
        A volume and a claim are proposed for each directory that no volume has. The command writes them into a file:
        look at it, then apply it.
      </p>
      <p className="quiet">Nothing is changed here: neither the data nor the cluster.</p>
      <div className="fields">
        <Field
          name="Directories"
          hint="below the export, as glusterfs_* or media/*"
          of="match"
          typed={typed}
          set={setTyped}
        />
        <Field name="Namespace" hint="of the claims" of="namespace" typed={typed} set={setTyped} />
        <Field
          name="Size"
          hint="of each; empty: half as much again as it holds"
          of="size"
          typed={typed}
          set={setTyped}
        />
      </div>
      <div className="dry-run" aria-live="polite">
        {error ? (
          <FailureNote what="The directories were not read" cause={error} retry={() => void refetch()} />
        ) : data ? (
          <p>
            <strong>{isFetching ? 'Looking again …' : summaryOf(data)}</strong>
          </p>
        ) : (
          <Waiting what="the exports, which are read for this" />
        )}
      </div>
      {data && data.length > 0 && <Proposals rows={data} />}
      <p className="quiet">What is proposed, as a file:</p>
      <CommandLine command={`larder volumes adopt ${options} --file adopted.yaml`} />
      <footer>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </footer>
    </Modal>
  );
}

function bodyOf({ match, namespace, size }: Fields): object {
  return { match: match.trim(), namespace: namespace.trim(), ...(size.trim() === '' ? {} : { size: size.trim() }) };
}

function summaryOf(rows: readonly AdoptRow[]): string {
  if (rows.length === 0) return 'No directory without a volume fits.';
  const able = rows.filter(({ objection }) => objection === '').length;
  return `${able.toLocaleString()} of ${rows.length.toLocaleString()} can be adopted.`;
}

interface FieldProperties {
  readonly name: string;
  readonly hint: string;
  readonly of: keyof Fields;
  readonly typed: Fields;
  readonly set: (typed: Fields) => void;
}

function Field({ name, hint, of, typed, set }: FieldProperties): ReactNode {
  return (
    <label className="field">
      <span>{name}</span>
      <input value={typed[of]} onChange={(event) => set({ ...typed, [of]: event.target.value })} />
      <span className="quiet">{hint}</span>
    </label>
  );
}

function Proposals({ rows }: { readonly rows: readonly AdoptRow[] }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className="scroll plan" tabIndex={0} aria-label="Directories">
      <ListTable heads={['Directory', { title: 'Holds', right: true }, 'Can it']}>
        {rows.slice(0, SHOWN).map((row) => (
          <tr key={`${row.export} ${row.directory}`}>
            <th scope="row">
              <code className="break">{row.directory}</code>
            </th>
            <td className="right">
              <Size bytes={row.used} />
            </td>
            <td className={row.objection === '' ? 'tone-ok' : 'quiet'}>
              {row.objection === '' ? 'yes' : `no: ${row.objection}`}
            </td>
          </tr>
        ))}
      </ListTable>
      <CutNote shown={SHOWN} of={rows.length} />
    </section>
  );
}

function useRested(value: Fields): Fields {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
