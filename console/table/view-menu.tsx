import { type FormEvent, type ReactNode, useState } from 'react';
import { keep, kept } from '../frame/kept.ts';
import { Link } from '../frame/link.tsx';
import { Menu } from '../parts/menu.tsx';
import { allColumns, columnNames, type Hidden, toggledText } from './columns.ts';
import { parseFilters, type SavedFilter, withFilter, withoutFilter } from './saved-filters.ts';

const KEY = 'filters';

interface Properties {
  readonly hidden: Hidden;
  /** As it stands in the address. */
  readonly setHidden: (text: string) => void;
}

/** Which columns are shown, and views that somebody gave a name. */
export function ViewMenu({ hidden, setHidden }: Properties): ReactNode {
  return (
    <Menu name="View">
      <fieldset className="choices" aria-label="Columns">
        {allColumns.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={!hidden.has(name)} onChange={() => setHidden(toggledText(hidden, name))} />
            {columnNames[name]}
          </label>
        ))}
      </fieldset>
      <SavedFilters />
    </Menu>
  );
}

/** Filters with a name, kept in this browser. */
function SavedFilters(): ReactNode {
  const [filters, setFilters] = useState(() => parseFilters(kept(KEY)));
  const change = (next: readonly SavedFilter[]): void => {
    keep(KEY, next.length === 0 ? undefined : JSON.stringify(next));
    setFilters(next);
  };
  return (
    <>
      <h2>Saved views</h2>
      {filters.length === 0 ? (
        <p className="quiet">A filter with its order and columns can be kept under a name, in this browser.</p>
      ) : (
        <ul className="plain-list saved">
          {filters.map(({ name, query }) => (
            <li key={name}>
              <Link to={`/volumes${query}`} current={query === location.search}>
                {name}
              </Link>
              <button
                type="button"
                className="plain"
                aria-label={`Forget ${name}`}
                onClick={() => change(withoutFilter(filters, name))}
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
      <SaveForm save={(name) => change(withFilter(filters, { name, query: location.search }))} />
    </>
  );
}

function SaveForm({ save }: { readonly save: (name: string) => void }): ReactNode {
  const [name, setName] = useState('');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save(name);
    setName('');
  };
  return (
    <form className="save" onSubmit={onSubmit}>
      <input
        aria-label="Name of this view"
        placeholder="name of this view"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" disabled={name.trim() === ''}>
        Save
      </button>
    </form>
  );
}
