import type { ReactNode } from 'react';
import { driftKinds } from '../../src/cluster/drift/finding.ts';
import type { WantedCluster } from '../../src/cluster/sight/answer.ts';
import type { RecordedDrift, RecordedFinding } from '../../src/ledger/cluster-records.ts';
import { Link } from '../frame/link.tsx';
import { recordPath } from '../frame/route.ts';
import { CommandLine } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { Moment } from '../parts/moment.tsx';
import { Shape } from '../parts/shape.tsx';
import { Few } from './few.tsx';

interface Properties {
  /** Undefined: nobody has recorded a report. */
  readonly drift: RecordedDrift | undefined;
  readonly wanted: WantedCluster | undefined;
  readonly fits: (text: string) => boolean;
}

const COMMAND = 'larder cluster drift';

const verdicts = {
  none: { text: 'no drift', tone: 'ok', shape: 'circle' },
  drift: { text: 'drift', tone: 'warn', shape: 'diamond' },
  unknown: { text: 'not everything could be looked at', tone: 'quiet', shape: 'dashed' },
} as const satisfies Record<RecordedDrift['verdict'], unknown>;

/** What the last report found: what is, what should be, since when, and what is left as it is for a while. */
export function DriftFindings({ drift, wanted, fits }: Properties): ReactNode {
  if (drift === undefined) {
    return (
      <Empty title="Nobody has looked for drift yet." command={COMMAND}>
        <p>The findings of the last look stand here: what differs from the repository, and since when.</p>
      </Empty>
    );
  }
  const { text, tone, shape } = verdicts[drift.verdict];
  const shown = drift.findings.filter(({ object, kind, message }) => fits(`${kind} ${object} ${message}`));
  const counted = shown.filter(({ ignored }) => ignored === undefined);
  const ignored = shown.filter((each) => each.ignored !== undefined);
  return (
    <>
      <p>
        <span className={`state tone-${tone}`}>
          <Shape name={shape} />
          {text}
        </span>{' '}
        <span className="quiet">
          looked at <Moment at={drift.observedAt} />, <Link to={recordPath(drift.record)}>its record</Link>
        </span>
      </p>
      {drift.findings.length > 0 && shown.length === 0 && <p className="quiet">No finding fits the filter.</p>}
      {[...Map.groupBy(counted, ({ kind }) => kind)].map(([kind, findings]) => (
        <KindOfDrift key={kind} kind={kind} findings={findings} />
      ))}
      {ignored.length > 0 && <Ignored findings={ignored} />}
      {drift.unknown.length > 0 && <Unknown unknown={drift.unknown} />}
      <Rules wanted={wanted} />
      <CommandLine command={COMMAND} />
    </>
  );
}

interface KindProperties {
  readonly kind: RecordedFinding['kind'];
  readonly findings: readonly RecordedFinding[];
}

function KindOfDrift({ kind, findings }: KindProperties): ReactNode {
  return (
    <div className="drift-kind">
      <h3>
        {kind} <span className="quiet number">{findings.length}</span>
      </h3>
      <Few items={findings} atMost={20}>
        {(shown) => (
          <ul className="things">
            {shown.map(({ object, message, since }) => (
              <li key={`${object} ${message}`}>
                <strong className="break">{object}</strong>{' '}
                <span className="quiet">
                  first seen <Moment at={since} />
                </span>
                <span className="said">{message}</span>
              </li>
            ))}
          </ul>
        )}
      </Few>
      <p className="remedy">
        <Sentence text={driftKinds[kind].remedy} />
      </p>
    </div>
  );
}

/** What stands between backticks is a command. */
function Sentence({ text }: { readonly text: string }): ReactNode {
  return text.split('`').map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence, which does not change
      <code key={index}>{part}</code>
    ) : (
      part
    ),
  );
}

function Ignored({ findings }: Pick<KindProperties, 'findings'>): ReactNode {
  return (
    <details className="folded">
      <summary>{findings.length} left as they are for a while</summary>
      <ul className="things">
        {findings.map(({ kind, object, message, ignored }) => (
          <li key={`${kind} ${object} ${message}`}>
            <span className="chip-plain">{kind}</span> <strong className="break">{object}</strong>
            <span className="said">{message}</span>
            {ignored && (
              <span className="said">
                {ignored.reason}; counts again <Moment at={Date.parse(ignored.expiresAt)} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Unknown({ unknown }: Pick<RecordedDrift, 'unknown'>): ReactNode {
  return (
    <details className="folded">
      <summary>{unknown.length} could not be looked at</summary>
      <ul className="things">
        {unknown.map((text) => (
          <li key={text} className="break">
            {text}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The list itself, so that an end is seen before it comes. */
function Rules({ wanted }: Pick<Properties, 'wanted'>): ReactNode {
  const ignore = wanted?.ignore;
  if (ignore === undefined || ignore.kind === 'unset') return null;
  if (ignore.kind === 'unusable') return <p className="tone-danger break">{ignore.why}</p>;
  if (ignore.value.length === 0) return null;
  return (
    <details className="folded">
      <summary>{ignore.value.length} in drift-ignore.yaml</summary>
      <ul className="things">
        {ignore.value.map(({ kind, object, message = '', reason, expires }) => (
          <li key={`${kind} ${object} ${message} ${expires}`}>
            <span className="chip-plain">{kind}</span> <code className="break">{object}</code>
            <span className="said">
              {reason}; ends <Moment at={Date.parse(`${expires}T00:00:00Z`)} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
