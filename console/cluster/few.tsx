import { type ReactNode, useState } from 'react';

interface Properties<T> {
  readonly items: readonly T[];
  readonly atMost: number;
  readonly children: (shown: readonly T[]) => ReactNode;
}

/** The first of many; all of them when somebody asks. */
export function Few<T>({ items, atMost, children }: Properties<T>): ReactNode {
  const [isAll, setAll] = useState(false);
  const isCut = !isAll && items.length > atMost;
  return (
    <>
      {children(isCut ? items.slice(0, atMost) : items)}
      {isCut && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show all {items.length.toLocaleString()}
        </button>
      )}
    </>
  );
}
