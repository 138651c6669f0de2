import type { ReactNode } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { VolumeRow } from '../../src/operator/api.ts';
import { type Feed, keyOfVolume } from '../../src/operator/console/feed.ts';
import { Link } from '../frame/link.tsx';
import { volumePath } from '../frame/route.ts';
import { useTitle } from '../frame/use-title.ts';
import { useMe, usePermission } from '../live/me.ts';
import { useLive } from '../live/use-live.ts';
import { Empty } from '../parts/empty.tsx';
import { ExportLine } from '../parts/export-line.tsx';
import { List } from '../parts/list.tsx';
import { NoneOfYours } from '../parts/none-of-yours.tsx';
import { Shape } from '../parts/shape.tsx';
import { Size } from '../parts/size.tsx';
import { StateShape, StateWord } from '../parts/state-word.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { UsageBar } from '../parts/usage-bar.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { countStates, stateLooks } from '../words/state.ts';
import { fullInText } from '../words/time.ts';

const SHOWN = 10;
const DEMO = 'npm start -- --demo';

export function Overview(): ReactNode {
  useTitle('Overview');
  const { feed } = useLive();
  if (!feed) return <Waiting what="the operator" />;
  return (
    <>
      <h1 className="visually-hidden">Overview</h1>
      <Numbers feed={feed} />
      <div className="columns">
        <section aria-labelledby="first">
          <h2 id="first">Fill first</h2>
          <FirstFull feed={feed} />
        </section>
        <div>
          {feed.exports.size > 0 && (
            <section aria-labelledby="exports">
              <h2 id="exports">Exports</h2>
              {[...feed.exports.values()].map((row) => (
                <ExportLine key={row.name} row={row} />
              ))}
            </section>
          )}
          <section aria-labelledby="happened">
            <h2 id="happened">Happened</h2>
            {feed.happenings.length === 0 ? (
              <p className="quiet">Nothing since this operator began.</p>
            ) : (
              <Timeline happenings={feed.happenings.slice(0, SHOWN)} />
            )}
          </section>
        </div>
      </div>
    </>
  );
}

function Numbers({ feed }: { readonly feed: Feed }): ReactNode {
  const counts = countStates(feed.volumes.values());
  const partly = usePermission(needOf('see volumes')) === false;
  const words = ['needs you', 'filling', 'stuck', 'unknown'] as const;
  return (
    <ul className="numbers">
      {words.map((word) => {
        const { shape, tone } = stateLooks[word];
        return (
          <li key={word}>
            <Link to={`/volumes?q=state:${word.replace(' ', '-')}`}>
              <span className="figure">{counts[word].toLocaleString()}</span>
              <span className={`state tone-${counts[word] > 0 ? tone : 'quiet'}`}>
                <Shape name={shape} />
                {word === 'needs you' ? (counts[word] === 1 ? 'needs you' : 'need you') : word}
              </span>
            </Link>
          </li>
        );
      })}
      <li>
        <Link to="/volumes">
          <span className="figure quiet">{feed.volumes.size.toLocaleString()}</span>
          <span className="state tone-quiet">
            {feed.volumes.size === 1 ? 'volume' : 'volumes'} {partly ? 'that you may see' : 'in all'}
          </span>
        </Link>
      </li>
    </ul>
  );
}

function FirstFull({ feed }: { readonly feed: Feed }): ReactNode {
  const rows = firstFull(feed.volumes.values());
  const me = useMe();
  if (rows.length === 0 && me?.kind === 'account' && feed.volumes.size === 0) return <NoneOfYours name={me.name} />;
  if (rows.length === 0 && feed.head.growsOnly) {
    return (
      <Empty title="No volume was measured yet." command="larder doctor">
        <p>
          The volumes that fill first stand here. How full they are kubelets or a Prometheus tell; the doctor says
          whether somebody is asked:
        </p>
      </Empty>
    );
  }
  if (rows.length === 0) {
    return (
      <Empty title="No volume was measured yet." command={DEMO}>
        <p>
          The volumes that fill first stand here: those with a time, then the fullest. Apply a claim, or begin with
          three:
        </p>
      </Empty>
    );
  }
  return (
    <List
      heads={[
        'Volume',
        'Used',
        { title: 'Size', right: true, wide: true },
        { title: 'Full in', right: true },
        { title: 'State', wide: true },
      ]}
    >
      {rows.map((row) => (
        <tr key={keyOfVolume(row)}>
          <th scope="row">
            <Link to={volumePath(row.namespace, row.claim)}>{row.claim}</Link>
            <span className="below">
              <span className="narrow-shape">
                <StateShape row={row} />{' '}
              </span>
              <span className="quiet">{row.namespace}</span>
            </span>
          </th>
          <td>
            <UsageBar row={row} />
          </td>
          <td className="right wide">
            <Size bytes={row.capacity === '' ? row.request : row.capacity} />
          </td>
          <td className="right number">{fullInText(row.fullInMs)}</td>
          <td className="wide">
            <StateWord row={row} />
          </td>
        </tr>
      ))}
    </List>
  );
}

/** Those with a time to full first, the others by how full they are. */
function firstFull(volumes: Iterable<VolumeRow>): readonly VolumeRow[] {
  const measured = [...volumes].filter((row) => row.usedRatio !== undefined && row.claim !== '');
  return measured
    .sort(
      (one, other) =>
        (one.fullInMs ?? Number.MAX_VALUE) - (other.fullInMs ?? Number.MAX_VALUE) ||
        (other.usedRatio ?? 0) - (one.usedRatio ?? 0),
    )
    .slice(0, SHOWN);
}
