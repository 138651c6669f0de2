import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ClusterHeadAnswer } from '../../src/operator/ledger/ledger-api.ts';
import { Link } from '../frame/link.tsx';
import { recordPath } from '../frame/route.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';
import { CommandLine } from '../parts/copy.tsx';
import { LookWord } from '../parts/look-word.tsx';
import { headLook, headText } from './head-text.ts';

const AGAIN_MS = 60_000;

/** Whether the ledger has all that the cluster remembers of it: that its end was cut off nothing else can show. */
export function ClusterHead({ command }: { readonly command: string }): ReactNode {
  const live = useIsLive();
  const { data, error } = useQuery({
    queryKey: ['ledger', 'cluster head'],
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<ClusterHeadAnswer>('/api/ledger/cluster-head', undefined, signal),
  });
  const answer: ClusterHeadAnswer | undefined = error ? { kind: 'not read', why: error.message } : data;
  if (answer === undefined || answer.kind === 'none') return null;
  return (
    <div className="cluster-head" aria-live="polite">
      <p
        className={answer.kind === 'differs' ? 'failure' : undefined}
        role={answer.kind === 'differs' ? 'alert' : undefined}
      >
        Compared with the cluster: <LookWord look={headLook(answer)} />: <Said answer={answer} />
      </p>
      {answer.kind === 'differs' && <CommandLine command={command} />}
      {(answer.kind === 'behind' || answer.kind === 'silent') && <CommandLine command={answer.command} />}
    </div>
  );
}

function Said({ answer }: { readonly answer: ClusterHeadAnswer }): ReactNode {
  return (
    <>
      {headText(answer)}
      {(answer.kind === 'same' || answer.kind === 'behind') && (
        <span className="quiet">
          {' '}
          ({answer.where}, <Link to={recordPath(String(answer.seq))}>record {answer.seq}</Link>)
        </span>
      )}
    </>
  );
}
