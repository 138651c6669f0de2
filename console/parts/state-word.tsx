import type { ReactNode } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { stateLook } from '../words/state.ts';
import { Shape } from './shape.tsx';

export function StateWord({ row }: { readonly row: Pick<VolumeRow, 'state' | 'phase' | 'summary'> }): ReactNode {
  const { word, shape, tone } = stateLook(row);
  return (
    <span className={`state tone-${tone}`} title={row.summary === '' ? undefined : row.summary}>
      <Shape name={shape} />
      {word}
    </span>
  );
}

/** Where there is no room for the word: it is there for whoever does not see the shape. */
export function StateShape({ row }: { readonly row: Pick<VolumeRow, 'state' | 'phase'> }): ReactNode {
  const { word, shape, tone } = stateLook(row);
  return (
    <span className={`tone-${tone}`}>
      <Shape name={shape} />
      <span className="visually-hidden">{word}, </span>
    </span>
  );
}
