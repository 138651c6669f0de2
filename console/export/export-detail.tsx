import type { ReactNode } from 'react';
import type { ExportDetail as Detail } from '../../src/operator/console/export-detail.ts';
import { Link } from '../frame/link.tsx';
import { useNow } from '../live/use-live.ts';
import { ListTable } from '../parts/list.tsx';
import { Moment } from '../parts/moment.tsx';
import { Size } from '../parts/size.tsx';
import { millisecondsText } from './answer-text.ts';
import { figuresOf, marksOf } from './health-strip.ts';

const WIDTH = 1_000;
const HEIGHT = 36;
const USERS_SHOWN = 10;
const CHANGES_SHOWN = 5;

/** How an export answered over the last day, and whose directories it holds. */
export function ExportDetail({ detail }: { readonly detail: Detail }): ReactNode {
  return (
    <section className="export-detail" aria-label={detail.name}>
      <h2 className="as-is break">{detail.name}</h2>
      <Health detail={detail} />
      <Users detail={detail} />
    </section>
  );
}

function Health({ detail: { steps, changes } }: { readonly detail: Detail }): ReactNode {
  const now = useNow(60_000);
  const { looks, missed, slowestMs } = figuresOf(steps);
  const first = steps[0];
  if (!first) return <p className="quiet">It was not looked at yet.</p>;
  const said =
    missed === 0
      ? `answered ${looks === 1 ? 'the only look' : `each of ${looks.toLocaleString()} looks`}, the slowest in ${millisecondsText(slowestMs)}`
      : `did not answer ${missed.toLocaleString()} of ${looks.toLocaleString()} looks`;
  return (
    <>
      <p>
        Since <Moment at={first.at} /> it {said}.
      </p>
      <svg
        className="strip"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`The last day: it ${said}`}
      >
        {marksOf(steps, now).map(({ left, width, height, tone }) => (
          <rect
            key={left}
            className={`mark-${tone}`}
            x={left * WIDTH}
            y={HEIGHT * (1 - height)}
            width={width * WIDTH}
            height={HEIGHT * height}
          />
        ))}
      </svg>
      <p className="strip-ends quiet">
        <span>a day ago</span>
        <span>now</span>
      </p>
      {changes.length > 0 && (
        <ul className="plain-list">
          {changes.slice(0, CHANGES_SHOWN).map(({ at, up, problem }) => (
            <li key={at}>
              <Moment at={at} />: <strong>{up ? 'came back' : 'went down'}</strong>
              {!up && <span className="said">{problem}</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Users({ detail: { users } }: { readonly detail: Detail }): ReactNode {
  if (users.length === 0) return <p className="quiet">No volume is on it.</p>;
  return (
    <div className="scroll">
      <ListTable
        heads={[
          'Used by',
          { title: 'Volumes', right: true },
          { title: 'Requested', right: true },
          { title: 'Used', right: true },
        ]}
      >
        {users.slice(0, USERS_SHOWN).map(({ namespace, volumes, requestedBytes, usedBytes }) => (
          <tr key={namespace}>
            <th scope="row">
              {namespace === '' ? (
                'no claim'
              ) : (
                <Link to={`/volumes?q=${encodeURIComponent(`namespace:${namespace}`)}`}>{namespace}</Link>
              )}
            </th>
            <td className="right number">{volumes.toLocaleString()}</td>
            <td className="right">
              <Size bytes={requestedBytes} />
            </td>
            <td className="right">
              <Size bytes={usedBytes} />
            </td>
          </tr>
        ))}
      </ListTable>
      {users.length > USERS_SHOWN && (
        <p className="quiet">
          The {USERS_SHOWN} that ask for the most, of {users.length} namespaces.
        </p>
      )}
    </div>
  );
}
