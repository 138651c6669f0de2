import type { ReactNode } from 'react';
import { needCommand, needOf, needText, type RightName } from '../../src/operator/access/need.ts';
import { useMe, usePermission } from '../live/me.ts';
import { CommandLine } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { shortName } from '../words/person.ts';
import type { View } from './route.ts';
import { screens } from './screens.ts';

interface Properties {
  readonly view: View;
  readonly children: ReactNode;
}

/** A screen that the person may see; else what is missing. */
export function Yours({ view, children }: Properties): ReactNode {
  const needs = screens.find((screen) => screen.view === view.kind)?.needs;
  return needs === undefined ? children : <Asked needs={needs}>{children}</Asked>;
}

function Asked({ needs, children }: { readonly needs: RightName; readonly children: ReactNode }): ReactNode {
  const need = needOf(needs);
  const me = useMe();
  if (usePermission(need) !== false) return children;
  return (
    <Empty screen title="Your account may not see this.">
      <p>
        {shortName(me?.name ?? '')} would have to be allowed to {needText(need)}. Whoever administers the cluster can
        grant it; this asks the cluster the same:
      </p>
      <CommandLine command={needCommand(need, me?.name ?? '')} />
    </Empty>
  );
}
