import { type ReactNode, useEffect } from 'react';
import type { ExportRow } from '../../src/operator/api.ts';
import { millisecondsText } from '../export/answer-text.ts';
import { useLive } from '../live/use-live.ts';
import { Shape } from '../parts/shape.tsx';
import { countStates } from '../words/state.ts';
import { Icon } from './icon.tsx';
import { keep, kept } from './kept.ts';
import { Link } from './link.tsx';
import { Person } from './person.tsx';
import { otherTheme, showTheme } from './theme.ts';

export function Header({ openPalette }: { readonly openPalette: () => void }): ReactNode {
  const { feed, link } = useLive();
  const exports = feed ? [...feed.exports.values()] : [];
  return (
    <header className="top">
      <Link to="/" className="brand">
        Larder
      </Link>
      <span className="cluster" title="what this Larder works for">
        {feed?.head.cluster ?? ''}
      </span>
      <Light
        up={feed?.head.apiUp === true && link.kind === 'live'}
        known={feed !== undefined}
        name="API"
        detail={feed?.head.apiUp ? 'the Kubernetes API answers' : 'the Kubernetes API is silent: Setup says more'}
      />
      {exports.length > 0 && <ExportsLight exports={exports} />}
      <NeedYou />
      <span className="space" />
      <button type="button" className="search" onClick={openPalette}>
        <Icon name="search" />
        <span className="wide">Go to</span> <kbd className="wide">ctrl k</kbd>
        <span className="visually-hidden narrow-only">Go to</span>
      </button>
      <button type="button" className="plain" aria-label="Light or dark" onClick={() => showTheme(otherTheme())}>
        <Icon name="theme" />
      </button>
      <Person />
    </header>
  );
}

function ExportsLight({ exports }: { readonly exports: readonly ExportRow[] }): ReactNode {
  const down = exports.filter(({ up }) => !up);
  const detail = down.map(({ name, detail: why }) => `${name}: ${why}`).join('\n');
  return (
    <Link to="/exports" className="quiet-link">
      <Light
        up={down.length === 0}
        known
        name={`${exports.length === 1 ? 'export' : `${exports.length - down.length} of ${exports.length} exports`}${slowestText(exports)}`}
        detail={detail === '' ? 'all exports answer; the time is that of the slowest' : detail}
      />
    </Link>
  );
}

/** ` (3 ms)`; empty while none answers. */
function slowestText(exports: readonly ExportRow[]): string {
  const times = exports.flatMap(({ answeredInMs }) => answeredInMs ?? []);
  return times.length === 0 ? '' : ` (${millisecondsText(Math.max(...times))})`;
}

interface LightProperties {
  readonly up: boolean;
  readonly known: boolean;
  readonly name: string;
  readonly detail: string;
}

const lights = {
  up: { shape: 'circle', tone: 'ok', word: 'up' },
  down: { shape: 'square', tone: 'danger', word: 'down' },
  unknown: { shape: 'dashed', tone: 'quiet', word: 'unknown' },
} as const;

function Light({ up, known, name, detail }: LightProperties): ReactNode {
  const look = up ? 'up' : 'down';
  const { shape, tone, word } = lights[known ? look : 'unknown'];
  return (
    <span className={`light tone-${tone}`} title={detail}>
      <Shape name={shape} />
      <span className="light-name">{name}</span>
      <span className="visually-hidden">: {word}</span>
    </span>
  );
}

/** The last known number stands there until the first that is live. */
function NeedYou(): ReactNode {
  const { feed } = useLive();
  const counts = feed && countStates(feed.volumes.values());
  const live = counts && counts['needs you'] + counts.stuck;
  useEffect(() => {
    if (live !== undefined) keep('need-you', String(live));
  }, [live]);
  const number = live ?? Number(kept('need-you') ?? '0');
  if (number === 0) return null;
  return (
    <Link to="/volumes?q=state:needs-you,stuck" className="need-you tone-danger">
      <Shape name="triangle" />
      {number} <span className="wide">{number === 1 ? 'needs you' : 'need you'}</span>
    </Link>
  );
}
