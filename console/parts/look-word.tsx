import type { ReactNode } from 'react';
import type { StateLook } from '../words/state.ts';
import { Shape } from './shape.tsx';

/** A state in a word and a shape. */
export function LookWord({ look: { shape, tone, word } }: { readonly look: Omit<StateLook, 'rank'> }): ReactNode {
  return (
    <span className={`state tone-${tone}`}>
      <Shape name={shape} />
      {word}
    </span>
  );
}
