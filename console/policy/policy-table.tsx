import { type ReactNode, useState } from 'react';
import type { PolicyRow } from '../../src/operator/policies/policy-api.ts';
import { Link } from '../frame/link.tsx';
import { policyPath } from '../frame/route.ts';
import { go } from '../frame/use-route.ts';
import { List } from '../parts/list.tsx';
import { Shape } from '../parts/shape.tsx';
import { useTableKeys } from '../table/use-table-keys.ts';
import { Spoken } from './spoken.tsx';

export function PolicyTable({ rows }: { readonly rows: readonly PolicyRow[] }): ReactNode {
  const [at, setAt] = useState(-1);
  const open = (index: number): void => {
    const row = rows[index];
    if (row) go(policyPath(row.namespace, row.name));
  };
  useTableKeys({ at, setAt, count: rows.length, open });
  return (
    <List
      heads={[
        'Policy',
        'State',
        'For claims with',
        'Settings',
        { title: 'Priority', right: true },
        { title: 'Claims', right: true },
      ]}
      kind="policies"
    >
      {rows.map((row, index) => (
        <PolicyLine key={`${row.namespace}/${row.name}`} row={row} chosen={index === at} />
      ))}
    </List>
  );
}

interface LineProperties {
  readonly row: PolicyRow;
  /** By `j` and `k`. */
  readonly chosen: boolean;
}

function PolicyLine({ row, chosen }: LineProperties): ReactNode {
  const { namespace, name, selector, priority, matched, settings, problems, conflict, paused } = row;
  const { shape, tone, word } = policyLook(row);
  const [problem] = problems;
  return (
    <tr className={chosen ? 'chosen' : ''} aria-current={chosen ? 'true' : undefined}>
      <th scope="row">
        <Link to={policyPath(namespace, name)}>{name}</Link>
        <span className="quiet below">{namespace}</span>
      </th>
      <td>
        <span className={`state tone-${tone}`}>
          <Shape name={shape} />
          {word}
        </span>
        {problem && (
          <span className="said">
            {problem.field} {problem.value === '' ? '' : `is "${problem.value}": it `}
            {problem.reason}
          </span>
        )}
        {!problem && conflict !== '' && <span className="said">{conflict}</span>}
        {paused && <span className="said">nothing grows in {namespace} until its pause is taken away</span>}
      </td>
      <td>
        {selector === undefined ? (
          <span className="quiet">not readable</span>
        ) : selector === '' ? (
          <span className="quiet">all of the namespace</span>
        ) : (
          <code className="break">{selector}</code>
        )}
      </td>
      <td>
        <Spoken settings={settings} />
      </td>
      <td className="right number">{priority.toLocaleString()}</td>
      <td className="right number">{matched.toLocaleString()}</td>
    </tr>
  );
}

/** What it says of itself, in a shape and a word. */
export function policyLook({ problems, conflict, enabled, paused }: PolicyRow) {
  if (problems.length > 0) return { shape: 'square', tone: 'danger', word: 'not readable' } as const;
  if (conflict !== '') return { shape: 'triangle', tone: 'warn', word: 'conflict' } as const;
  if (paused) return { shape: 'bars', tone: 'quiet', word: 'paused' } as const;
  if (!enabled) return { shape: 'bars', tone: 'quiet', word: 'keeps from growing' } as const;
  return { shape: 'circle', tone: 'ok', word: 'ok' } as const;
}
