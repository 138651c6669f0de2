import { type ReactNode, useEffect, useState } from 'react';
import type { RecordRow } from '../../src/operator/ledger/ledger-api.ts';
import { typeWords } from '../../src/operator/ledger/record-type.ts';
import { Link } from '../frame/link.tsx';
import { recordPath } from '../frame/route.ts';
import { go } from '../frame/use-route.ts';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { type ListHead, ListTable } from '../parts/list.tsx';
import { Moment } from '../parts/moment.tsx';
import { Shape } from '../parts/shape.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { useTableKeys } from '../table/use-table-keys.ts';
import { standingLooks } from './looks.ts';
import { useRecordRows } from './use-record-rows.ts';

const COLUMNS = 5;

interface Properties {
  readonly q: string;
  readonly clear: () => void;
  readonly onCount: (found: number, all: number) => void;
}

/** Newest first; of many only those are in the document that are seen. */
export function RecordList({ q, clear, onCount }: Properties): ReactNode {
  const { scroller, virtual, records } = useRecordRows(q);
  const { found, all, error, isHere, retry } = records;
  useEffect(() => onCount(found, all), [found, all, onCount]);
  const [at, setAt] = useState(-1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question has other rows
  useEffect(() => setAt(-1), [q]);
  const open = (index: number): void => {
    const row = records.at(index);
    if (row) go(recordPath(row.id));
  };
  useTableKeys({ at, setAt, count: found, open });
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  }, [at, virtual]);
  if (error && !isHere) return <FailureNote what="The records were not read" cause={error} retry={retry} />;
  if (!isHere) return <Waiting what="the records" />;
  if (found === 0) return <Nothing clear={clear} />;
  const items = virtual.getVirtualItems();
  return (
    <div ref={scroller} className="scroll table">
      <ListTable heads={heads} kind="records" caption="Records; j and k move, enter opens" count={found}>
        <Space height={items[0]?.start ?? 0} />
        {items.map(({ index }) => (
          <Line key={index} row={records.at(index)} index={index} chosen={index === at} />
        ))}
        <Space height={virtual.getTotalSize() - (items.at(-1)?.end ?? 0)} />
      </ListTable>
    </div>
  );
}

function Nothing({ clear }: Pick<Properties, 'clear'>): ReactNode {
  return (
    <Empty title="No record is like that.">
      <button type="button" onClick={clear}>
        Show all
      </button>
    </Empty>
  );
}

const heads: readonly ListHead[] = [
  { title: 'Record', right: true },
  'What',
  { title: 'State', wide: true },
  { title: 'Signed by', wide: true },
  { title: 'When', right: true },
];

/** Holds the place of rows that are not in the document. */
function Space({ height }: { readonly height: number }): ReactNode {
  if (height <= 0) return null;
  return (
    <tr>
      <td colSpan={COLUMNS} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

interface LineProperties {
  readonly row: RecordRow | undefined;
  readonly index: number;
  readonly chosen: boolean;
}

function Line({ row, index, chosen }: LineProperties): ReactNode {
  if (!row) {
    return (
      <tr aria-rowindex={index + 2}>
        <td colSpan={COLUMNS}>
          <span className="skeleton" />
        </td>
      </tr>
    );
  }
  const { shape, tone, word } = standingLooks[row.standing];
  return (
    <tr aria-rowindex={index + 2} className={`${chosen ? 'chosen ' : ''}${row.standing}`}>
      <td className="right number">
        <span className={`tone-${tone}`}>
          <Shape name={shape} />
          <span className="visually-hidden">{word}</span>
        </span>{' '}
        {row.seq}
      </td>
      <th scope="row">
        <Link to={recordPath(row.id)}>{typeWords(row.type)}</Link> <Marks marks={row.marks} /> <span>{row.words}</span>
        <span className="quiet below">{objectsText(row)}</span>
      </th>
      <td className={`wide tone-${tone}`}>{word}</td>
      <td className="wide" title={row.operator}>
        {row.operator === '' ? '—' : row.operator}
      </td>
      <td className="right">{row.at === undefined ? '—' : <Moment at={row.at} />}</td>
    </tr>
  );
}

export function Marks({ marks }: { readonly marks: readonly string[] }): ReactNode {
  return marks.map((mark) => (
    <span key={mark} className={`chip-plain${mark === 'failed' ? ' tone-danger' : ''}`}>
      {mark}
    </span>
  ));
}

const NAMED = 2;

function objectsText({ objects, evidence }: RecordRow): string {
  const more = objects.length > NAMED ? [`and ${objects.length - NAMED} more`] : [];
  const files = evidence === 0 ? [] : [evidence === 1 ? 'with evidence' : `with ${evidence} files of evidence`];
  return [...objects.slice(0, NAMED), ...more, ...files].join(', ');
}
