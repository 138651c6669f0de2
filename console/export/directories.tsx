import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { AuditRow } from '../../src/operator/api.ts';
import { useParameter } from '../frame/use-route.ts';
import { ask } from '../live/ask.ts';
import { useMay } from '../live/me.ts';
import { useIsLive } from '../live/use-live.ts';
import { CommandLine } from '../parts/copy.tsx';
import { CutNote } from '../parts/cut-note.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Marked } from '../parts/marked.tsx';
import { Shape } from '../parts/shape.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { Adopt } from './adopt.tsx';

const SHOWN = 200;

/** What is there against what should be. It reads the exports, so it is asked for. */
export function Directories(): ReactNode {
  const [word, setWord] = useParameter('audit');
  const [adopting, setAdopting] = useState(false);
  const live = useIsLive();
  const mayAdopt = useMay(needOf('bring back'));
  return (
    <section aria-labelledby="directories">
      <div className="section-bar">
        <h2 id="directories">Directories</h2>
        <button type="button" aria-pressed={word === '1'} onClick={() => setWord(word === '1' ? '' : '1')}>
          Compare with the volumes
        </button>
        {mayAdopt && (
          <button type="button" disabled={!live} onClick={() => setAdopting(true)}>
            Adopt directories
          </button>
        )}
      </div>
      {word === '1' ? (
        <Audit />
      ) : (
        <p className="quiet">
          Comparing finds directories without a volume, volumes without a directory, and what two volumes share. It
          reads the exports, and changes nothing.
        </p>
      )}
      {adopting && <Adopt onClose={() => setAdopting(false)} />}
    </section>
  );
}

function Audit(): ReactNode {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['audit'],
    queryFn: ({ signal }) => ask<readonly AuditRow[]>('/api/audit', undefined, signal),
  });
  if (error) return <FailureNote what="The directories were not read" cause={error} retry={() => void refetch()} />;
  if (!data) return <Waiting what="the exports, which are read for this" />;
  return (
    <>
      {data.length === 0 ? (
        <p className="state tone-ok">
          <Shape name="circle" />
          Every directory has its volume, and every volume its directory.
        </p>
      ) : (
        <ul className="findings wide-first">
          {data.slice(0, SHOWN).map((row) => (
            <li key={`${row.kind} ${row.path} ${row.volume}`}>
              <span className="state tone-warn">
                <Shape name="triangle" />
                {row.kind.replaceAll('-', ' ')}
              </span>
              <span>
                <Marked text={row.message} />
                <span className="said">{[row.claim, row.path].filter((text) => text !== '').join(', ')}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      <CutNote shown={SHOWN} of={data.length} others="; the command below lists all" />
      <div className="section-bar">
        <CommandLine command="larder volumes audit" />
        <button type="button" disabled={isFetching} onClick={() => void refetch()}>
          Look again
        </button>
      </div>
    </>
  );
}
