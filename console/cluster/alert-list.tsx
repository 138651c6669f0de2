import { type ReactNode, useState } from 'react';
import type { AlertRow } from '../../src/cluster/alerts/alert-rows.ts';
import type { AlertsAnswer } from '../../src/cluster/sight/answer.ts';
import { needOf } from '../../src/operator/access/need.ts';
import { useMay } from '../live/me.ts';
import { useIsLive } from '../live/use-live.ts';
import { CommandLine } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { List } from '../parts/list.tsx';
import { Moment } from '../parts/moment.tsx';
import { Shape } from '../parts/shape.tsx';
import { TakeAlert } from './take-alert.tsx';

interface Properties {
  readonly alerts: AlertsAnswer['alerts'];
  /** As it was started: `larder up`. */
  readonly program: string;
  readonly fits: (text: string) => boolean;
}

const COMMAND = 'larder cluster alerts list';

export function AlertList({ alerts, program, fits }: Properties): ReactNode {
  const [taken, setTaken] = useState<AlertRow | undefined>(undefined);
  if (alerts.kind === 'unset') {
    const place = program === 'larder up' ? 'http://127.0.0.1:9093' : 'http://alertmanager-operated.monitoring:9093';
    return (
      <Empty title="This operator was not told where Alertmanager is." command={`${program} --alertmanager ${place}`}>
        <p>
          What fires stands here, who has taken it and until when. Name its address, or its service in the cluster (
          <code>--alertmanager-service</code>).
        </p>
      </Empty>
    );
  }
  if (alerts.kind === 'unusable') {
    return (
      <div className="failure" role="alert">
        <p>
          <strong>The alerts are not known.</strong> {alerts.why}
        </p>
        <CommandLine command={COMMAND} />
      </div>
    );
  }
  const { name, rows, unrecorded } = alerts.value;
  const shown = rows.filter(({ name: alert, subject, severity, state }) =>
    fits(`${alert} ${subject} ${severity} ${state}`),
  );
  return (
    <>
      {rows.length === 0 && (
        <p>
          <span className="state tone-ok">
            <Shape name="circle" />
            nothing fires
          </span>{' '}
          <span className="quiet break">says {name}</span>
        </p>
      )}
      {rows.length > 0 && shown.length === 0 && <p className="quiet">No alert fits the filter.</p>}
      {shown.length > 0 && <AlertTable rows={shown} take={setTaken} />}
      {unrecorded !== '' && rows.length > 0 && (
        <p className="quiet break">Who has taken what is not known: {unrecorded}.</p>
      )}
      <CommandLine command={COMMAND} />
      {taken && <TakeAlert row={taken} onClose={() => setTaken(undefined)} />}
    </>
  );
}

const severities = {
  critical: { tone: 'danger', shape: 'triangle' },
  warning: { tone: 'warn', shape: 'diamond' },
  info: { tone: 'quiet', shape: 'circle' },
} as const satisfies Record<AlertRow['severity'], unknown>;

interface TableProperties {
  readonly rows: readonly AlertRow[];
  readonly take: (row: AlertRow) => void;
}

function AlertTable({ rows, take }: TableProperties): ReactNode {
  const live = useIsLive();
  const may = useMay(needOf('acknowledge alerts'));
  return (
    <List heads={['Severity', 'Alert', 'Since', 'Taken', { title: 'Actions', hidden: true }]} kind="alerts">
      {rows.map((row) => (
        <tr key={row.fingerprint}>
          <td>
            <span className={`state tone-${severities[row.severity].tone}`}>
              <Shape name={severities[row.severity].shape} />
              {row.severity}
            </span>
          </td>
          <th scope="row">
            <strong className="break">{row.name}</strong>
            <span className="quiet below break">{row.subject}</span>
          </th>
          <td>{Number.isNaN(row.since) ? '—' : <Moment at={row.since} />}</td>
          <td>
            <Taken row={row} />
          </td>
          <td className="right">
            {may && row.state !== 'inhibited' && (
              <button type="button" disabled={!live} onClick={() => take(row)}>
                {row.state === 'acknowledged' ? 'Take longer' : 'Take'}
              </button>
            )}
          </td>
        </tr>
      ))}
    </List>
  );
}

const states = {
  firing: { text: 'nobody has taken it', tone: 'tone-danger' },
  stale: { text: 'its time is over', tone: 'tone-danger' },
  acknowledged: { text: 'taken', tone: '' },
  silenced: { text: 'silenced, and no record says so', tone: 'tone-warn' },
  inhibited: { text: 'another alert says more', tone: 'quiet' },
} as const satisfies Record<AlertRow['state'], unknown>;

function Taken({ row: { state, by, until, why } }: { readonly row: AlertRow }): ReactNode {
  const { text, tone } = states[state];
  return (
    <>
      <span className={tone}>{text}</span>
      {by !== undefined && by !== '' && <> by {by}</>}
      {until !== undefined && (
        <>
          , until <Moment at={Date.parse(until)} />
        </>
      )}
      {why !== undefined && why !== '' && <span className="said">{why}</span>}
    </>
  );
}
