import type { ReactNode } from 'react';

interface Properties {
  /** So many of them are shown. */
  readonly shown: number;
  readonly of: number;
  /** Which of them; absent: the first in their order. */
  readonly which?: string;
  /** Where the others are, with the sign before it: `; the command below lists all`. */
  readonly others?: string;
}

/** Below a list that was cut; nothing below one that is whole. */
export function CutNote({ shown, of, which = 'first', others = '' }: Properties): ReactNode {
  if (of <= shown) return null;
  return (
    <p className="quiet">
      The {which} {shown.toLocaleString()} of {of.toLocaleString()}
      {others}.
    </p>
  );
}
