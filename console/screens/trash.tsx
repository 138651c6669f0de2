import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { TrashAnswer, TrashRow } from '../../src/operator/api.ts';
import { Link } from '../frame/link.tsx';
import { useParameter } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { ask, Failure } from '../live/ask.ts';
import { useMay } from '../live/me.ts';
import { useIsLive, useLive } from '../live/use-live.ts';
import { CutNote } from '../parts/cut-note.tsx';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { List } from '../parts/list.tsx';
import { Moment } from '../parts/moment.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { BringBack } from '../trash/bring-back.tsx';
import { MakeRoom } from '../trash/make-room.tsx';
import { Restore } from '../trash/restore.tsx';
import { dayText, exactTime } from '../words/time.ts';

const AGAIN_MS = 15_000;
/** Of more than these nobody reads on; the filter finds the others. */
const SHOWN = 500;

interface Chosen {
  readonly action: 'bring back' | 'restore';
  readonly row: TrashRow;
}

export function Trash(): ReactNode {
  useTitle('Trash');
  const live = useIsLive();
  const growsOnly = useLive().feed?.head.growsOnly === true;
  const [chosen, setChosen] = useState<Chosen | undefined>(undefined);
  const [clean, setClean] = useState(false);
  const mayClean = useMay(needOf('remove data'));
  const [text, setText] = useParameter('q');
  const {
    data: answer,
    error,
    refetch,
  } = useQuery({
    queryKey: ['trash'],
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<TrashAnswer>('/api/trash', undefined, signal),
  });
  const data = answer?.entries;
  const close = (): void => setChosen(undefined);
  return (
    <section aria-labelledby="trash">
      <div className="toolbar">
        <h1 id="trash">Trash and archives {data && <span className="quiet number">{data.length}</span>}</h1>
        {data && data.length > 0 && (
          <input
            data-filter=""
            type="search"
            aria-label="Filter"
            placeholder="a part of a claim, a directory or an export"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        {mayClean && data && data.length > 0 && (
          <button type="button" disabled={!live} onClick={() => setClean(true)}>
            Make room
          </button>
        )}
      </div>
      {error && <FailureNote what="The trash was not read" cause={error} retry={() => void refetch()} />}
      {!data && !error && <Waiting what="the exports, which are read for this" />}
      {answer && <Unread problems={answer.problems} retry={() => void refetch()} />}
      {data?.length === 0 && growsOnly && (
        <Empty title="There is no trash, because this Larder makes no volumes.">
          <p>What becomes of the volumes that it grows their own driver decides, by their reclaim policy.</p>
        </Empty>
      )}
      {data?.length === 0 && !growsOnly && answer?.problems.length === 0 && (
        <Empty title="Nothing is in the trash, and nothing is archived.">
          <p>The directories of deleted claims stand here until their time is over, and can be brought back.</p>
          <p>
            What a volume leaves behind is said on its page: <Link to="/volumes">Volumes</Link>
          </p>
        </Empty>
      )}
      {data && data.length > 0 && <Entries rows={fitting(data, text)} choose={setChosen} />}
      {chosen?.action === 'bring back' && <BringBack row={chosen.row} onClose={close} />}
      {chosen?.action === 'restore' && <Restore row={chosen.row} onClose={close} />}
      {clean && <MakeRoom onClose={() => setClean(false)} />}
    </section>
  );
}

/** What lies on these is not known, and is not missed for that. */
function Unread({ problems, retry }: Pick<TrashAnswer, 'problems'> & { readonly retry: () => void }): ReactNode {
  return problems.map(({ export: name, message, code }) => (
    <FailureNote
      key={name}
      what={`What lies on ${name} was not read`}
      cause={new Failure('The others are below, and can be brought back', message, code)}
      retry={retry}
    />
  ));
}

/** Newest first, as one who deleted by mistake looks for it. */
function fitting(rows: readonly TrashRow[], text: string): readonly TrashRow[] {
  const words = text.toLowerCase().split(/\s+/);
  const fits = ({ claim, path, volume, kind, export: of }: TrashRow): boolean => {
    const all = `${claim} ${path} ${volume} ${kind} ${of}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  return rows.filter(fits).sort((one, other) => other.trashedAt - one.trashedAt);
}

interface EntriesProperties {
  readonly rows: readonly TrashRow[];
  readonly choose: (chosen: Chosen) => void;
}

function Entries({ rows, choose }: EntriesProperties): ReactNode {
  if (rows.length === 0) return <Empty title="Nothing here fits this filter." />;
  return (
    <>
      <List
        heads={['Claim', 'Deleted', 'Kind', { title: 'Directory', wide: true }, { title: 'Actions', hidden: true }]}
      >
        {rows.slice(0, SHOWN).map((row) => (
          <Entry key={`${row.export} ${row.entry}`} row={row} choose={choose} />
        ))}
      </List>
      <CutNote shown={SHOWN} of={rows.length} which="newest" others="; the filter finds the others" />
    </>
  );
}

function Entry({ row, choose }: Omit<EntriesProperties, 'rows'> & { readonly row: TrashRow }): ReactNode {
  const live = useIsLive();
  const may = useMay(needOf('bring back'));
  return (
    <tr>
      <th scope="row">
        {row.claim === '' ? 'not known' : row.claim}
        <span className="quiet below break">{row.volume}</span>
      </th>
      <td>
        {row.trashedAt === 0 ? 'not known' : <Moment at={row.trashedAt} />}
        {row.expiresAt !== undefined && (
          <span className="quiet below" title={exactTime(row.expiresAt)}>
            kept until {dayText(row.expiresAt)}
          </span>
        )}
      </td>
      <td>{row.kind}</td>
      <td className="wide">
        <code className="break">{row.path}</code>
        <span className="quiet below break">{row.export}</span>
      </td>
      <td>
        <span className="row-actions">
          {may && row.kind === 'trash' && row.claim.includes('/') && (
            <button type="button" disabled={!live} onClick={() => choose({ action: 'bring back', row })}>
              Bring back
            </button>
          )}
          {may && (
            <button type="button" disabled={!live} onClick={() => choose({ action: 'restore', row })}>
              Restore as …
            </button>
          )}
        </span>
      </td>
    </tr>
  );
}
