import type { ReactNode } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { Copy } from '../parts/copy.tsx';
import { Fact } from '../parts/fact.tsx';
import { Moment } from '../parts/moment.tsx';
import { Size } from '../parts/size.tsx';
import { StateWord } from '../parts/state-word.tsx';
import { UsageBar } from '../parts/usage-bar.tsx';
import { sentenceText } from '../words/size.ts';
import { fullInText } from '../words/time.ts';
import { Actions } from './actions.tsx';
import { type Explained, maximumBytes } from './explained.ts';
import { fullInBand } from './full-in.ts';
import { useEnd } from './use-end.ts';

interface Properties {
  readonly row: VolumeRow;
  /** Undefined: it is not known yet. */
  readonly decision: Explained | undefined;
}

/** What the volume is, how full, and what can be done to it. */
export function Head({ row, decision }: Properties): ReactNode {
  return (
    <header className="volume-head">
      <div className="title-line">
        <h1>
          <span className="quiet">{row.namespace}/</span>
          {row.claim}
        </h1>
        <Copy text={`${row.namespace}/${row.claim}`} what="the name of the claim" />
        <StateWord row={row} />
        <Actions row={row} decision={decision} />
      </div>
      <p className="sentence">{sentenceText(row.summary)}</p>
      <UsageBar row={row} tall maximum={decision && maximumBytes(decision)} />
      <Facts row={row} decision={decision} maximum={decision && maximumBytes(decision)} />
    </header>
  );
}

interface FactsProperties extends Properties {
  /** Bytes; undefined: there is none, or it is not known. */
  readonly maximum: string | undefined;
}

function Facts({ row, decision, maximum }: FactsProperties): ReactNode {
  const { end } = useEnd(row);
  const left = Number(row.capacity === '' ? row.request : row.capacity) - Number(row.used);
  const band = row.used === '' || !decision?.forecast ? undefined : fullInBand(decision.forecast, left);
  return (
    <dl className="facts">
      <Fact name="Used">
        <Size bytes={row.used} />
        {row.measuredAt !== undefined && (
          <span className="quiet">
            {' '}
            <Moment at={row.measuredAt} />
          </span>
        )}
      </Fact>
      <Fact name="Size">
        <Size bytes={row.capacity === '' ? row.request : row.capacity} />
        {row.capacity !== '' && row.capacity !== row.request && (
          <span className="quiet">
            {' '}
            of <Size bytes={row.request} /> requested
          </span>
        )}
      </Fact>
      {maximum !== undefined && (
        <Fact name="Maximum">
          <Size bytes={maximum} />
        </Fact>
      )}
      <Fact name="Full in">
        <span className="number" title={band}>
          {fullInText(row.fullInMs)}
        </span>
      </Fact>
      <Fact name="Class">{row.class === '' ? '—' : row.class}</Fact>
      <Fact name="Volume">
        {row.volume === '' ? (
          '—'
        ) : (
          <>
            <span className="break">{row.volume}</span> <Copy text={row.volume} what="the name of the volume" />
          </>
        )}
      </Fact>
      <Fact name="Directory">
        <Directory row={row} />
      </Fact>
      {end && end.state !== 'gone' && <Fact name="When deleted">{end.words.short}</Fact>}
    </dl>
  );
}

function Directory({ row: { directory, path } }: { readonly row: VolumeRow }): ReactNode {
  const text = directory === '' ? path : directory;
  if (text === '') return '—';
  return (
    <>
      <code className="break">{text}</code> <Copy text={text} what="the path" />
    </>
  );
}
