import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { WhatIfAnswer, WhatIfRow, Written } from '../../src/operator/policies/policy-api.ts';
import { keep, kept } from '../frame/kept.ts';
import { Link } from '../frame/link.tsx';
import { volumePath } from '../frame/route.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';
import { CommandLine } from '../parts/copy.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { List } from '../parts/list.tsx';
import { sizeText } from '../words/size.ts';
import { costText, fullFor, fullText, presentText, turned, whatIfText } from './what-if-text.ts';

interface Properties {
  readonly of: 'policy' | 'group';
  readonly namespace: string;
  readonly name: string;
  /** Undefined: it cannot be read yet. */
  readonly object: Written | undefined;
}

const DAY_MS = 86_400_000;
const spans = [
  { name: 'day', ms: DAY_MS },
  { name: '7 days', ms: 7 * DAY_MS },
  { name: '30 days', ms: 30 * DAY_MS },
  { name: '90 days', ms: 90 * DAY_MS },
] as const;
const USUAL_MS = 30 * DAY_MS;

interface Asked {
  readonly object: Written;
  readonly sinceMs: number;
  readonly price: number | undefined;
}

/** Addresses of the API, and what is said before anything was played. */
const kinds = {
  policy: {
    path: '/api/policies/what-if',
    plays:
      'Plays what was measured of its claims twice, under the settings of now and under these, by the same decisions as on the cluster. Nothing is changed.',
    leavesOut: 'Not replayed: groups, quotas, budgets, approvals and snapshots.',
  },
  group: {
    path: '/api/groups/what-if',
    plays:
      'Plays what was measured of its members twice, all of them together: as they are grouped now and as written here, by the same decisions as on the cluster. Nothing is changed.',
    leavesOut:
      'Not replayed: quotas, budgets, approvals and snapshots, members that were deleted since, and the size that a new claim is given.',
  },
} as const;

/** The recorded usage of its claims, played under the policy or group as it is written now. */
export function WhatIf({ of, namespace, name, object }: Properties): ReactNode {
  const live = useIsLive();
  const [sinceMs, setSinceMs] = useState<number>(USUAL_MS);
  const [price, setPrice] = useState(() => kept('price') ?? '');
  const aborting = useRef<AbortController>(undefined);
  useEffect(() => () => aborting.current?.abort(), []);
  const play = useMutation({
    mutationFn: ({ object: played, sinceMs: since, price: each }: Asked) => {
      const prices = each === undefined ? {} : { '*': each };
      aborting.current = new AbortController();
      const body = { namespace, name, object: played, sinceMs: since, prices };
      return ask<WhatIfAnswer>(kinds[of].path, body, aborting.current.signal);
    },
  });
  const isOld = play.data !== undefined && play.variables?.object !== object;
  const begin = (): void => {
    const amount = Number(price);
    if (object) play.mutate({ object, sinceMs, price: price.trim() === '' || !(amount >= 0) ? undefined : amount });
  };
  return (
    <section aria-labelledby="what-if" className="what-if">
      <div className="section-bar">
        <h2 id="what-if">What if</h2>
        <label>
          <span className="visually-hidden">How far back</span>
          <select value={sinceMs} onChange={(event) => setSinceMs(Number(event.target.value))}>
            {spans.map((span) => (
              <option key={span.ms} value={span.ms}>
                the last {span.name}
              </option>
            ))}
          </select>
        </label>
        <label className="price">
          <span className="quiet">a GiB costs a month</span>
          <input
            inputMode="decimal"
            value={price}
            placeholder="as configured"
            onChange={(event) => {
              setPrice(event.target.value);
              keep('price', event.target.value.trim() === '' ? undefined : event.target.value);
            }}
          />
        </label>
        {play.isPending ? (
          <button type="button" onClick={() => aborting.current?.abort()}>
            Stop
          </button>
        ) : (
          <button type="button" disabled={!live || !object} onClick={begin}>
            Play
          </button>
        )}
      </div>
      <div aria-live="polite">
        {play.isPending && <p className="quiet">Playing the history of its claims …</p>}
        {play.error && !isAbort(play.error) && (
          <FailureNote what="It was not played" cause={play.error} retry={begin} />
        )}
        {play.data && !play.isPending && <Played {...{ of, isOld, namespace }} answer={play.data} />}
        {play.isIdle && (
          <p className="quiet">
            {kinds[of].plays} {kinds[of].leavesOut}
          </p>
        )}
      </div>
    </section>
  );
}

function isAbort(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === 'AbortError';
}

interface PlayedProperties {
  readonly of: Properties['of'];
  readonly answer: WhatIfAnswer;
  readonly isOld: boolean;
  readonly namespace: string;
}

function Played({ of, answer, isOld, namespace }: PlayedProperties): ReactNode {
  const { matched, played, unmeasured, cut, currency, notes, present, proposed } = answer;
  return (
    <>
      {isOld && <p className="tone-warn">This is of an earlier version of the {of}: play it again.</p>}
      <p className="sentence">
        <strong>{whatIfText(answer)}</strong> {played > 0 && presentText(answer)} {fullText(answer)}
        {proposed.cost !== undefined &&
          played > 0 &&
          ` Cost: ${turned(costText(present.cost), costText(proposed.cost))}${currency === undefined ? '' : ` ${currency}`}.`}
      </p>
      <p className="quiet">
        {played.toLocaleString()} of {matched.toLocaleString()} bound claims were played
        {unmeasured > 0 && `; ${unmeasured.toLocaleString()} were not measured in that time`}. {kinds[of].leavesOut}
      </p>
      {cut !== '' && (
        <p className="tone-warn">
          {played === 0 ? 'Not played' : 'Not all'}: {cut}.
        </p>
      )}
      {notes.map((note) => (
        <p key={note} className="tone-warn">
          {note}
        </p>
      ))}
      {answer.claims.length > 0 && <PlayedTable rows={answer.claims} namespace={namespace} />}
      {of === 'policy' && <CommandLine command={recordCommand(answer, namespace)} />}
    </>
  );
}

/** What it was played from, for who plays more with it. */
function recordCommand({ from, to }: WhatIfAnswer, namespace: string): string {
  const hours = Math.round((to - from) / (DAY_MS / 24));
  return `larder record --since ${hours}h -n ${namespace} -f usage.jsonl && larder simulate usage.jsonl`;
}

interface TableProperties {
  readonly rows: readonly WhatIfRow[];
  readonly namespace: string;
}

function PlayedTable({ rows, namespace }: TableProperties): ReactNode {
  const priced = rows.some(({ proposed }) => proposed.cost !== undefined);
  return (
    <List
      heads={[
        'Claim',
        { title: 'Size at the end', right: true },
        { title: 'Growths', right: true },
        { title: 'Full for', right: true },
        ...(priced ? [{ title: 'Cost', right: true }] : []),
        'At the end',
      ]}
    >
      {rows.map(({ namespace: home, claim, present, proposed }) => (
        <tr key={`${home}/${claim}`}>
          <th scope="row">
            <Link to={volumePath(home, claim)}>{claim}</Link>
            {home !== namespace && <span className="quiet below">{home}</span>}
          </th>
          <td className="right number">{turned(sizeText(present.endBytes), sizeText(proposed.endBytes))}</td>
          <td className="right number">{turned(String(present.growths), String(proposed.growths))}</td>
          <td className="right number">{turned(fullFor(present), fullFor(proposed))}</td>
          {priced && <td className="right number">{turned(costText(present.cost), costText(proposed.cost))}</td>}
          <td>{turned(present.verdict, proposed.verdict)}</td>
        </tr>
      ))}
    </List>
  );
}
