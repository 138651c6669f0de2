import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { rem } from '../frame/rem.ts';
import { sizeText } from '../words/size.ts';
import { exactTime } from '../words/time.ts';
import { chartOptions } from './chart-options.ts';
import type { Plot } from './plot.ts';

interface Properties {
  readonly plot: Plot;
  /** Seconds since the epoch. */
  readonly growths: readonly number[];
  readonly label: string;
}

const HEIGHT_REM = 15;

/** Usage, size and threshold over time. The arrow keys move the cursor, and what is under it stands below in words. */
export function Chart(properties: Properties): ReactNode {
  return <Drawn key={useLook()} {...properties} />;
}

function Drawn({ plot, growths, label }: Properties): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const [at, setAt] = useState<number | undefined>(undefined);
  useEffect(() => {
    const target = place.current;
    if (!target) return undefined;
    const options = chartOptions({
      target,
      growths,
      onCursor: setAt,
      size: { width: target.clientWidth, height: rem(HEIGHT_REM) },
    });
    const drawn = new uPlot(options, dataOf(plot), target);
    chart.current = drawn;
    const resized = new ResizeObserver(() => drawn.setSize({ width: target.clientWidth, height: rem(HEIGHT_REM) }));
    resized.observe(target);
    return () => {
      resized.disconnect();
      drawn.destroy();
    };
  }, [plot, growths]);
  const shown = at ?? lastMeasured(plot);
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const drawn = chart.current;
    if (step === 0 || !drawn) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(plot.at.length - 1, shown + step));
    drawn.setCursor({ left: drawn.valToPos(plot.at[next] ?? 0, 'x'), top: 0 });
    setAt(next);
  };
  return (
    <figure className="chart">
      <div
        ref={place}
        className="plot"
        role="slider"
        aria-label={`${label}; the arrow keys move the cursor`}
        aria-valuemin={0}
        aria-valuemax={plot.at.length - 1}
        aria-valuenow={shown}
        aria-valuetext={exactTime((plot.at[shown] ?? 0) * 1000)}
        tabIndex={0}
        onKeyDown={onKey}
      />
      <figcaption aria-live="polite">
        <Under plot={plot} at={shown} />
      </figcaption>
    </figure>
  );
}

function lastMeasured({ used }: Plot): number {
  return used.findLastIndex((bytes) => bytes !== null);
}

function Under({ plot, at }: { readonly plot: Plot; readonly at: number }): ReactNode {
  const time = plot.at[at];
  if (time === undefined) return null;
  const text = (bytes: number | null | undefined): string =>
    bytes === null || bytes === undefined ? '—' : sizeText(BigInt(Math.round(bytes)).toString());
  const used = plot.used[at];
  const expected = typeof used !== 'number' && typeof plot.fast[at] === 'number';
  return (
    <>
      <span>{exactTime(time * 1000)}</span>
      <span className="key key-used">
        {expected ? 'expected' : 'used'} <b className="number">{text(expected ? plot.fast[at] : used)}</b>
      </span>
      <span className="key key-size">
        size <b className="number">{text(plot.size[at])}</b>
      </span>
      <span className="key key-threshold">
        grows at <b className="number">{text(plot.threshold[at])}</b>
      </span>
    </>
  );
}

function dataOf({ at, used, size, threshold, slow, fast }: Plot): uPlot.AlignedData {
  return [[...at], [...used], [...size], [...threshold], [...slow], [...fast]];
}

/** Changes when the colours of the page do. */
function useLook(): string {
  const [look, setLook] = useState('');
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const read = (): void => setLook(`${document.documentElement.dataset['theme'] ?? ''} ${dark.matches}`);
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    dark.addEventListener('change', read);
    read();
    return () => {
      observer.disconnect();
      dark.removeEventListener('change', read);
    };
  }, []);
  return look;
}
