import type { ReactNode } from 'react';
import { CommandLine } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { type ListHead, ListTable } from '../parts/list.tsx';
import { Moment } from '../parts/moment.tsx';
import { Shape } from '../parts/shape.tsx';
import type { Cell, MatrixRow } from './matrix.ts';

interface Properties {
  readonly rows: readonly MatrixRow[];
  readonly showDrift: (node: string) => void;
}

const columns = [
  ['State', 'state'],
  ['Release', 'release'],
  ['System', 'system'],
  ['Certificate', 'certificate'],
  ['Short of', 'pressure'],
  ['etcd', 'etcd'],
] as const satisfies readonly (readonly [string, keyof MatrixRow])[];

/** Of these a figure stands in the cell. */
const figures: ReadonlySet<string> = new Set(['certificate']);

export function NodeMatrix({ rows, showDrift }: Properties): ReactNode {
  if (rows.length === 0) {
    return (
      <Empty title="This cluster has no node.">
        <p>Each node stands here with what is checked of it.</p>
      </Empty>
    );
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is wider than a phone, and keys scroll what has the focus */}
      <section className="scroll" aria-label="Nodes and what is checked of them" tabIndex={0}>
        <ListTable heads={heads} kind="matrix">
          {rows.map((row) => (
            <NodeLine key={row.name} row={row} showDrift={showDrift} />
          ))}
        </ListTable>
      </section>
      <CommandLine command="kubectl get nodes -o wide" />
    </>
  );
}

const heads: readonly ListHead[] = [
  'Node',
  ...columns.map(([title, key]) => ({ title, right: figures.has(key) })),
  { title: 'Drift', right: true },
  'Last built',
];

function NodeLine({ row, showDrift }: { readonly row: MatrixRow } & Pick<Properties, 'showDrift'>): ReactNode {
  const { name, role, drift, builtAt, built } = row;
  return (
    <tr>
      <th scope="row">
        <strong>{name}</strong>
        <span className="quiet below">{role}</span>
      </th>
      {columns.map(([, key]) => (
        <td key={key} className={figures.has(key) ? 'right number' : ''}>
          <CellText cell={row[key]} />
          {key === 'state' && row.stateSince !== undefined && (
            <span className="quiet below">
              since <Moment at={row.stateSince} />
            </span>
          )}
        </td>
      ))}
      <td className="right number">
        {drift.shape === undefined ? (
          <CellText cell={drift} />
        ) : (
          <button
            type="button"
            className="plain inline"
            onClick={() => showDrift(name)}
            aria-label={`${drift.text} findings of ${name}`}
          >
            <CellText cell={drift} />
          </button>
        )}
      </td>
      <td>
        {builtAt !== undefined && built.text === '' && <Moment at={builtAt} />}
        <CellText cell={built} />
      </td>
    </tr>
  );
}

function CellText({ cell: { text, tone, shape, below, title } }: { readonly cell: Cell }): ReactNode {
  return (
    <>
      {text !== '' && (
        <span className={shape === undefined ? `tone-${tone}` : `state tone-${tone}`} title={title}>
          {shape !== undefined && <Shape name={shape} />}
          {text}
        </span>
      )}
      {below !== undefined && below !== '' && <span className="quiet below">{below}</span>}
    </>
  );
}
