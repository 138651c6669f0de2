import { type ReactNode, useMemo, useRef } from 'react';
import { useParameter } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { useMe } from '../live/me.ts';
import { useLive } from '../live/use-live.ts';
import { Empty } from '../parts/empty.tsx';
import { NoneOfYours } from '../parts/none-of-yours.tsx';
import { Shape } from '../parts/shape.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { parseHidden } from '../table/columns.ts';
import { filterHint, filterOf, troubleIn } from '../table/filter.ts';
import { nextOrder, orderRows, orderText, parseOrder } from '../table/order.ts';
import { useReading } from '../table/use-reading.ts';
import { ViewMenu } from '../table/view-menu.tsx';
import { VolumeTable } from '../table/volume-table.tsx';
import { stateLooks } from '../words/state.ts';

export function Volumes(): ReactNode {
  useTitle('Volumes');
  const { feed } = useLive();
  const [text, setText] = useParameter('q');
  const [orderWord, setOrderWord] = useParameter('sort');
  const [hideWord, setHideWord] = useParameter('hide');
  const hidden = useMemo(() => parseHidden(hideWord), [hideWord]);
  const order = useMemo(() => parseOrder(orderWord), [orderWord]);
  const all = feed?.volumes;
  // In their order before they are filtered: whoever types waits for the filter alone.
  const ordered = useMemo(() => orderRows([...(all?.values() ?? [])], order), [all, order]);
  const found = useMemo(() => ordered.filter(filterOf(text)), [ordered, text]);
  const reading = useReading(found, `${orderWord} ${text}`);
  if (!all) return <Waiting what="the list of volumes" />;
  return (
    <section className="fill" aria-labelledby="volumes">
      <div className="toolbar">
        <h1 id="volumes">
          Volumes{' '}
          <span className="quiet number" aria-live="polite">
            {found.length === all.size
              ? all.size.toLocaleString()
              : `${found.length.toLocaleString()} of ${all.size.toLocaleString()}`}
          </span>
        </h1>
        <FilterField text={text} setText={setText} />
        <StateChips text={text} setText={setText} />
        <ViewMenu hidden={hidden} setHidden={setHideWord} />
      </div>
      {found.length === 0 ? (
        <Nothing filter={all.size > 0 ? text : undefined} clear={() => setText('')} />
      ) : (
        <VolumeTable
          rows={reading.rows}
          order={order}
          onOrder={(by) => setOrderWord(orderText(nextOrder(order, by)))}
          hold={reading.hold}
          hidden={hidden}
        />
      )}
    </section>
  );
}

interface FilterProperties {
  readonly text: string;
  readonly setText: (text: string) => void;
}

function FilterField({ text, setText }: FilterProperties): ReactNode {
  const filter = useRef<HTMLInputElement>(null);
  return (
    <input
      ref={filter}
      data-filter=""
      type="search"
      aria-label="Filter"
      placeholder={filterHint}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' && event.key !== 'Enter') return;
        event.preventDefault(); // of a search field Escape takes the text away
        filter.current?.blur();
      }}
    />
  );
}

/** What makes some. */
const DEMO = 'npm start -- --demo';
const chips = ['needs you', 'stuck', 'filling', 'unknown', 'paused', 'ok'] as const;

/** A filter by one click; a second one takes it away. */
function StateChips({ text, setText }: FilterProperties): ReactNode {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return (
    <fieldset className="chips" aria-label="State">
      {chips.map((state) => {
        const word = `state:${state.replace(' ', '-')}`;
        const on = words.includes(word);
        const others = words.filter((each) => !each.startsWith('state:'));
        return (
          <button
            key={state}
            type="button"
            aria-pressed={on}
            className={`chip tone-${stateLooks[state].tone}`}
            onClick={() => setText((on ? others : [...others, word]).join(' '))}
          >
            <Shape name={stateLooks[state].shape} />
            {state}
          </button>
        );
      })}
    </fieldset>
  );
}

interface NothingProperties {
  /** What hides those that there are; undefined: there are none. */
  readonly filter: string | undefined;
  readonly clear: () => void;
}

function Nothing({ filter, clear }: NothingProperties): ReactNode {
  const me = useMe();
  if (filter !== undefined) {
    const trouble = troubleIn(filter);
    return (
      <Empty title="No volume fits this filter.">
        {trouble !== undefined && <p>{trouble}</p>}
        <button type="button" onClick={clear}>
          Show all
        </button>
      </Empty>
    );
  }
  if (me?.kind === 'account') return <NoneOfYours name={me.name} />;
  return (
    <Empty title="There is no volume yet." command={DEMO}>
      <p>
        Each claim of a class of Larder stands here, with its directory and how full it is. Apply one, or begin with
        three:
      </p>
    </Empty>
  );
}
