import type { ReactNode } from 'react';
import { TextDiff } from './text-diff.tsx';

interface Properties {
  readonly theirs: string;
  readonly base: string;
  readonly onTake: () => void;
}

/** What somebody else stored while this was written. */
export function Overtaken({ theirs, base, onTake }: Properties): ReactNode {
  return (
    <div className="failure" role="status">
      <p>
        <strong>Somebody else changed it meanwhile.</strong> What you typed is on top of what it was before:
      </p>
      <TextDiff before={base} after={theirs} label="What somebody else changed" />
      <button type="button" onClick={onTake}>
        Take theirs, drop mine
      </button>
    </div>
  );
}
