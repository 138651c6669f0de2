import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useRef } from 'react';
import type { PoliciesAnswer, PolicyRow } from '../../src/operator/policies/policy-api.ts';
import { go, useParameter } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { ask } from '../live/ask.ts';
import { useMe } from '../live/me.ts';
import { useIsLive } from '../live/use-live.ts';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { Groups, Places } from '../policy/other-places.tsx';
import { PolicyTable, policyLook } from '../policy/policy-table.tsx';

const AGAIN_MS = 5_000;
const FIRST = 'kubectl apply -f examples/database/policy.yaml';

export function Policies(): ReactNode {
  useTitle('Policies');
  const live = useIsLive();
  const [text, setText] = useParameter('q');
  const { data, error, refetch } = useQuery({
    queryKey: ['policies'],
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<PoliciesAnswer>('/api/policies', undefined, signal),
  });
  const found = data?.policies.filter((row) => fits(row, text)) ?? [];
  return (
    <>
      <section aria-labelledby="policies">
        <div className="toolbar">
          <h1 id="policies">Policies {data && <Count found={found.length} all={data.policies.length} />}</h1>
          <Filter text={text} setText={setText} />
          {data?.availability === 'served' && (
            <button type="button" className="primary" onClick={() => go('/policies/new')}>
              New policy
            </button>
          )}
        </div>
        {error && <FailureNote what="The policies were not read" cause={error} retry={() => void refetch()} />}
        {!data && !error && <Waiting what="the policies" />}
        {data && <Shelf data={data} found={found} clear={() => setText('')} />}
      </section>
      {data?.availability === 'served' && <Groups rows={data.groups} />}
      {data && data.places.length > 0 && <Places rows={data.places} />}
    </>
  );
}

function Count({ found, all }: { readonly found: number; readonly all: number }): ReactNode {
  return (
    <span className="quiet number" aria-live="polite">
      {found === all ? all.toLocaleString() : `${found.toLocaleString()} of ${all.toLocaleString()}`}
    </span>
  );
}

function Filter({ text, setText }: { readonly text: string; readonly setText: (text: string) => void }): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  return (
    <input
      ref={field}
      data-filter=""
      type="search"
      aria-label="Filter"
      placeholder="a name, a namespace, a label or a setting"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' && event.key !== 'Enter') return;
        event.preventDefault();
        field.current?.blur();
      }}
    />
  );
}

/** All words, anywhere in what the row shows. */
function fits(row: PolicyRow, text: string): boolean {
  const settings = row.settings.map(({ key, text: value }) => `${key} ${value}`);
  const shown = [row.namespace, row.name, row.selector ?? '', ...settings, policyLook(row).word]
    .join(' ')
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => shown.includes(word));
}

interface ShelfProperties {
  readonly data: PoliciesAnswer;
  readonly found: readonly PolicyRow[];
  readonly clear: () => void;
}

function Shelf({ data, found, clear }: ShelfProperties): ReactNode {
  const isAccount = useMe()?.kind === 'account';
  if (data.availability === 'absent') {
    return (
      <Empty title="This cluster does not know policies." command="kubectl apply -f docs/reference/crds.yaml">
        <p>Growth is set by annotations alone until somebody makes the kinds known:</p>
      </Empty>
    );
  }
  if (data.availability === 'forbidden') {
    return (
      <Empty title="This operator may not read policies." command="kubectl apply -f docs/reference/rbac.yaml">
        <p>
          They have no effect, and claims that name one do not grow. The role grants it; start the operator again then:
        </p>
      </Empty>
    );
  }
  if (data.policies.length === 0 && data.namespaces.length === 0 && isAccount) {
    return (
      <Empty title="Your account may see policies in no namespace.">
        <p>
          The roles that clusters have do not know them. Whoever administers this one gives you a role with{' '}
          <code>list pvcpolicies</code>.
        </p>
      </Empty>
    );
  }
  if (data.policies.length === 0) {
    return (
      <Empty title="There is no policy yet." command={FIRST}>
        <p>
          A policy gives many claims their settings at once: when they grow, by how much, how far. Make one here, or
          apply one from the examples:
        </p>
      </Empty>
    );
  }
  if (found.length === 0) {
    return (
      <Empty title="No policy fits this filter.">
        <button type="button" onClick={clear}>
          Show all
        </button>
      </Empty>
    );
  }
  return <PolicyTable rows={found} />;
}
