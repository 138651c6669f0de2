import { diffLines } from 'diff';
import type { ReactNode } from 'react';

interface Properties {
  readonly before: string;
  readonly after: string;
  readonly label: string;
}

const marks = { added: '+', removed: '−', same: ' ' } as const;

/** Two texts line by line; signs say what colours say. */
export function TextDiff({ before, after, label }: Properties): ReactNode {
  const lines = linesOf(before, after);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keys must reach it
    <section className="diff" aria-label={label} tabIndex={0}>
      {lines.map(({ key, kind, text }) => (
        <span key={key} className={`diff-${kind}`}>
          {marks[kind]} {text}
          {'\n'}
        </span>
      ))}
    </section>
  );
}

interface Line {
  readonly key: string;
  readonly kind: keyof typeof marks;
  readonly text: string;
}

function linesOf(before: string, after: string): readonly Line[] {
  return diffLines(before, after).flatMap(({ added, removed, value }, part) => {
    const kind = added ? 'added' : removed ? 'removed' : 'same';
    const texts = value.replace(/\n$/, '').split('\n');
    return texts.map((text, index) => ({ key: `${part} ${index}`, kind, text }) as const);
  });
}
