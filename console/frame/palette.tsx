import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { useLive } from '../live/use-live.ts';
import { filterOf } from '../table/filter.ts';
import { Modal } from './modal.tsx';
import { volumePath } from './route.ts';
import type { Screen } from './screens.ts';
import { otherTheme, showTheme } from './theme.ts';
import { go } from './use-route.ts';
import { useScreens } from './use-screens.ts';

interface Choice {
  readonly id: string;
  readonly name: string;
  readonly what: string;
  readonly act: () => void;
}

const SHOWN = 12;

export function Palette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { feed } = useLive();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const screens = useScreens();
  const choices = [...screenChoices(screens, text), ...volumeChoices(text, feed?.volumes.values() ?? [])].slice(
    0,
    SHOWN,
  );
  const chosen = choices[Math.min(at, choices.length - 1)];
  const take = (choice: Choice | undefined): void => {
    if (!choice) return;
    onClose();
    choice.act();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((before) => (Math.min(before, choices.length - 1) + step + choices.length) % Math.max(1, choices.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(chosen);
    }
  };
  return (
    <Modal title="Go to" onClose={onClose} className="palette">
      <input
        role="combobox"
        aria-label="A screen or the name of a volume"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={chosen ? `${list}-${choices.indexOf(chosen)}` : undefined}
        placeholder="a screen or the name of a volume"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div role="listbox" id={list} aria-label="Matches">
        {choices.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field above, which keeps the focus
          <div
            key={choice.id}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={choice === chosen}
            onClick={() => take(choice)}
          >
            <span>{choice.name}</span>
            <span className="quiet">{choice.what}</span>
          </div>
        ))}
      </div>
      {choices.length === 0 && <p className="quiet">Nothing has that name.</p>}
    </Modal>
  );
}

function screenChoices(screens: readonly Screen[], text: string): readonly Choice[] {
  const all: readonly Choice[] = [
    ...screens.map(({ path, name, key }) => ({ id: path, name, what: `screen, g ${key}`, act: () => go(path) })),
    { id: 'theme', name: 'Light or dark', what: 'the other theme', act: () => showTheme(otherTheme()) },
  ];
  return all.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
}

type Rows = Iterable<Parameters<ReturnType<typeof filterOf>>[0]>;

function volumeChoices(text: string, rows: Rows): readonly Choice[] {
  if (text.trim() === '') return [];
  const fits = filterOf(text);
  const found: Choice[] = [];
  for (const row of rows) {
    if (found.length >= SHOWN) break;
    if (row.claim === '' || !fits(row)) continue;
    const name = `${row.namespace}/${row.claim}`;
    found.push({
      id: `${name}/${row.volume}`,
      name,
      what: `volume, ${row.state}`,
      act: () => go(volumePath(row.namespace, row.claim)),
    });
  }
  return found;
}
