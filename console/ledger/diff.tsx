import { type ReactNode, useState } from 'react';
import type { DiffLine, DiffPart, Diff as Read } from './diff-rows.ts';

const SHOWN = 400;
const MORE = 2_000;
const signs = { added: '+', removed: '−', same: ' ', cut: '⋯', note: ' ' } as const;

/** By object; a sign as well as a colour says what is added and what goes. */
export function Diff({ diff }: { readonly diff: Read }): ReactNode {
  return (
    <div className="patch">
      {diff.notes.length > 0 && (
        <ul className="patch-notes quiet">
          {diff.notes.map((note, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text that never changes
            <li key={index}>{note}</li>
          ))}
        </ul>
      )}
      {diff.parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        <Part key={index} part={part} />
      ))}
    </div>
  );
}

function Part({ part }: { readonly part: DiffPart }): ReactNode {
  const [shown, setShown] = useState(SHOWN);
  const lines = part.lines.slice(0, shown);
  const left = part.lines.length - lines.length;
  return (
    <details open className="patch-part">
      <summary>
        <code>{part.name}</code> <span className="tone-ok number">+{part.added}</span>{' '}
        <span className="tone-danger number">−{part.removed}</span>
      </summary>
      <pre>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <Line key={index} line={line} />
        ))}
      </pre>
      {left > 0 && (
        <button type="button" onClick={() => setShown(shown + MORE)}>
          Show {Math.min(left, MORE).toLocaleString()} more of {left.toLocaleString()} lines
        </button>
      )}
    </details>
  );
}

function Line({ line: { kind, text } }: { readonly line: DiffLine }): ReactNode {
  return (
    <span className={`patch-line patch-${kind}`}>
      <span className="patch-sign">{signs[kind]}</span>
      <span>{text === '' ? ' ' : text}</span>
      {'\n'}
    </span>
  );
}
