import type { ReactNode } from 'react';
import { Shape } from '../parts/shape.tsx';
import type { Figure } from './standing.ts';

/** Each leads to the section that says more. */
export function StandingFigures({ figures }: { readonly figures: readonly Figure[] }): ReactNode {
  if (figures.length === 0) return null;
  return (
    <ul className="numbers worded">
      {figures.map(({ section, figure, title, word, tone, shape }) => (
        <li key={section}>
          <a href={`#${section}`}>
            <span className="figure" title={title}>
              {figure}
            </span>
            <span className={`state tone-${tone}`}>
              <Shape name={shape} />
              {word}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
