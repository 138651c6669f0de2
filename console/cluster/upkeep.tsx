import type { ReactNode } from 'react';
import type { ClusterRecords, RecordedDrill, RecordedRoute } from '../../src/ledger/cluster-records.ts';
import { Link } from '../frame/link.tsx';
import { recordPath } from '../frame/route.ts';
import { CommandLine, Copy } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { ListTable } from '../parts/list.tsx';
import { Moment } from '../parts/moment.tsx';
import { Shape } from '../parts/shape.tsx';
import { dayText } from '../words/time.ts';
import type { RotationRow } from './rotation.ts';

const dueLooks = {
  done: { text: 'held', tone: 'ok', shape: 'circle' },
  due: { text: 'due', tone: 'warn', shape: 'diamond' },
  overdue: { text: 'overdue', tone: 'danger', shape: 'triangle' },
  excused: { text: 'excused', tone: 'quiet', shape: 'bars' },
} as const satisfies Record<RecordedDrill['due'], unknown>;

/** Which drills this quarter still asks for. */
export function Drills({ drills, quarter }: Pick<ClusterRecords, 'drills' | 'quarter'>): ReactNode {
  const by = dayText(quarter.endsAt, 'UTC');
  return (
    <>
      <p className="quiet">
        Each once in {quarter.name}, until <span className="number">{by}</span>.
      </p>
      <ListTable heads={['Drill', 'State', 'Last held', { title: 'Its command', hidden: true }]}>
        {drills.map((drill) => (
          <DrillLine key={drill.kind} drill={drill} />
        ))}
      </ListTable>
      <CommandLine command="larder cluster drill status" />
    </>
  );
}

function DrillLine({ drill: { kind, due, heldAt, last } }: { readonly drill: RecordedDrill }): ReactNode {
  const { text, tone, shape } = dueLooks[due];
  return (
    <tr>
      <th scope="row">{kind}</th>
      <td>
        <span className={`state tone-${tone}`}>
          <Shape name={shape} />
          {text}
        </span>
      </td>
      <td>
        {heldAt === undefined ? <span className="quiet">never</span> : <Moment at={heldAt} />}
        {last !== undefined && last.result === 'success' && (
          <span className="quiet below">
            <Link to={recordPath(last.record)}>{last.minutes} min</Link>
            {last.nodeIds.length > 0 && ` on ${last.nodeIds.join(', ')}`}
          </span>
        )}
        {last !== undefined && last.result !== 'success' && (
          <span className="tone-danger below" title={last.notes}>
            <Link to={recordPath(last.record)}>{last.result}</Link> <Moment at={last.at} />
          </span>
        )}
      </td>
      <td className="right">
        <Copy text={`larder cluster drill ${kind} --check`} what={`larder cluster drill ${kind} --check`} />
      </td>
    </tr>
  );
}

const rotationLooks = {
  'in time': { tone: 'ok', shape: 'circle' },
  soon: { tone: 'warn', shape: 'diamond' },
  overdue: { tone: 'danger', shape: 'triangle' },
  unfinished: { tone: 'danger', shape: 'square' },
  never: { tone: 'warn', shape: 'dashed' },
} as const satisfies Record<RotationRow['state'], unknown>;

/** Names and dates; of a value nothing is known here. */
export function Rotations({ rows }: { readonly rows: readonly RotationRow[] }): ReactNode {
  if (rows.length === 0) {
    return (
      <Empty title="No rotation is recorded." command="larder cluster secrets status">
        <p>What was rotated last, and when it is due again, stands here.</p>
      </Empty>
    );
  }
  return (
    <>
      <ListTable heads={['What', 'State', 'Due', { title: 'Its command', hidden: true }]}>
        {rows.map(({ scope, state, verifiedAt, dueAt, command }) => (
          <tr key={scope}>
            <th scope="row" className="break">
              {scope}
            </th>
            <td>
              <span className={`state tone-${rotationLooks[state].tone}`}>
                <Shape name={rotationLooks[state].shape} />
                {state}
              </span>
            </td>
            <td>
              {dueAt === undefined ? <span className="quiet">now</span> : <Moment at={dueAt} />}
              {verifiedAt !== undefined && (
                <span className="quiet below">
                  rotated <Moment at={verifiedAt} />
                </span>
              )}
            </td>
            <td className="right">{command !== '' && <Copy text={command} what={command} />}</td>
          </tr>
        ))}
      </ListTable>
      <CommandLine command="larder cluster secrets status" />
    </>
  );
}

/** When each way of telling was tried last; nothing where none is recorded. */
export function Routes({ routes }: { readonly routes: readonly RecordedRoute[] }): ReactNode {
  if (routes.length === 0) return null;
  return (
    <details className="folded">
      <summary>
        {routes.length} {routes.length === 1 ? 'route' : 'routes'}, and when each was tested
      </summary>
      <ul className="things">
        {routes.map(({ routeId, alertName, severity, channel, testedAt }) => (
          <li key={routeId}>
            <strong className="break">{routeId}</strong>{' '}
            <span className="quiet">{[alertName, severity, channel].filter((word) => word !== '').join(', ')}</span>
            <span className="said">
              {testedAt === undefined ? (
                'never tested successfully'
              ) : (
                <>
                  tested <Moment at={testedAt} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
