import { lazy, type ReactNode, Suspense, useCallback, useState } from 'react';
import { useLive } from '../live/use-live.ts';
import { Empty } from '../parts/empty.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { Overview } from '../screens/overview.tsx';
import { Volumes } from '../screens/volumes.tsx';
import { Band } from './band.tsx';
import { Header } from './header.tsx';
import { Icon } from './icon.tsx';
import { KeysHelp } from './keys-help.tsx';
import { Link } from './link.tsx';
import { Mishap } from './mishap.tsx';
import { Palette } from './palette.tsx';
import { type View, viewOf } from './route.ts';
import { useCurrentInSight } from './use-current-in-sight.ts';
import { useKeys } from './use-keys.ts';
import { usePath } from './use-route.ts';
import { useScreens } from './use-screens.ts';
import { Yours } from './yours.tsx';

const Volume = lazy(() => import('../screens/volume.tsx').then(({ Volume: screen }) => ({ default: screen })));
const Policies = lazy(() => import('../screens/policies.tsx').then(({ Policies: screen }) => ({ default: screen })));
const Policy = lazy(() => import('../screens/policy.tsx').then(({ Policy: screen }) => ({ default: screen })));
const NewPolicy = lazy(() => import('../screens/policy.tsx').then(({ NewPolicy: screen }) => ({ default: screen })));
const Group = lazy(() => import('../screens/group.tsx').then(({ Group: screen }) => ({ default: screen })));
const NewGroup = lazy(() => import('../screens/group.tsx').then(({ NewGroup: screen }) => ({ default: screen })));
const Exports = lazy(() => import('../screens/exports.tsx').then(({ Exports: screen }) => ({ default: screen })));
const Trash = lazy(() => import('../screens/trash.tsx').then(({ Trash: screen }) => ({ default: screen })));
const Nomad = lazy(() => import('../screens/nomad.tsx').then(({ Nomad: screen }) => ({ default: screen })));
const Cluster = lazy(() => import('../screens/cluster.tsx').then(({ Cluster: screen }) => ({ default: screen })));
const Changes = lazy(() => import('../screens/changes.tsx').then(({ Changes: screen }) => ({ default: screen })));
const Change = lazy(() => import('../screens/change.tsx').then(({ Change: screen }) => ({ default: screen })));
const Ledger = lazy(() => import('../screens/ledger.tsx').then(({ Ledger: screen }) => ({ default: screen })));
const LedgerRecord = lazy(() =>
  import('../screens/record.tsx').then(({ LedgerRecord: screen }) => ({ default: screen })),
);
const LedgerReport = lazy(() =>
  import('../screens/report.tsx').then(({ LedgerReport: screen }) => ({ default: screen })),
);
const Setup = lazy(() => import('../screens/setup.tsx').then(({ Setup: screen }) => ({ default: screen })));

export function Shell(): ReactNode {
  const { link } = useLive();
  const path = usePath();
  const view = viewOf(path);
  const [open, setOpen] = useState<'palette' | 'keys' | undefined>(undefined);
  const openPalette = useCallback(() => setOpen('palette'), []);
  const openKeys = useCallback(() => setOpen('keys'), []);
  const close = useCallback(() => setOpen(undefined), []);
  useKeys({ openPalette, openKeys });
  useCurrentInSight(path);
  const screensFor = useScreens();
  return (
    <div className={`frame link-${link.kind.replace(' ', '-')}`}>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Header openPalette={openPalette} />
      <nav className="rail" aria-label="Screens">
        {screensFor.map((screen) => (
          <Link key={screen.path} to={screen.path} current={isWithin(view, screen.view)}>
            <Icon name={screen.icon} />
            <span>{screen.name}</span>
          </Link>
        ))}
      </nav>
      <main id="main" tabIndex={-1}>
        <Band />
        <Mishap key={path}>
          <Suspense fallback={<Waiting what="this screen" />}>
            <Yours view={view}>
              <Screen view={view} />
            </Yours>
          </Suspense>
        </Mishap>
      </main>
      {open === 'palette' && <Palette onClose={close} />}
      {open === 'keys' && <KeysHelp onClose={close} />}
    </div>
  );
}

function isWithin(view: View, screen: View['kind']): boolean {
  return view.kind === screen || under[view.kind] === screen;
}

/** Views that belong to a screen of the rail. */
const under: Readonly<Partial<Record<View['kind'], View['kind']>>> = {
  volume: 'volumes',
  policy: 'policies',
  'new policy': 'policies',
  group: 'policies',
  'new group': 'policies',
  change: 'changes',
  record: 'ledger',
  report: 'ledger',
};

function Screen({ view }: { readonly view: View }): ReactNode {
  switch (view.kind) {
    case 'overview':
      return <Overview />;
    case 'volumes':
      return <Volumes />;
    case 'volume':
      return <Volume key={`${view.namespace}/${view.name}`} namespace={view.namespace} name={view.name} />;
    case 'policies':
      return <Policies />;
    case 'policy':
      return <Policy key={`${view.namespace}/${view.name}`} namespace={view.namespace} name={view.name} />;
    case 'new policy':
      return <NewPolicy />;
    case 'group':
      return <Group key={`${view.namespace}/${view.name}`} namespace={view.namespace} name={view.name} />;
    case 'new group':
      return <NewGroup />;
    case 'exports':
      return <Exports />;
    case 'trash':
      return <Trash />;
    case 'nomad':
      return <Nomad />;
    case 'cluster':
      return <Cluster />;
    case 'changes':
      return <Changes />;
    case 'change':
      return <Change key={view.id} id={view.id} />;
    case 'ledger':
      return <Ledger />;
    case 'report':
      return <LedgerReport />;
    case 'record':
      return <LedgerRecord key={view.id} id={view.id} />;
    case 'setup':
      return <Setup />;
    case 'nowhere':
      return (
        <Empty screen title="There is no such screen.">
          <Link to="/">Overview</Link>
        </Empty>
      );
    default:
      return view satisfies never;
  }
}
