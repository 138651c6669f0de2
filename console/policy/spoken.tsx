import type { ReactNode } from 'react';

interface SpokenProperties {
  readonly settings: readonly { readonly key: string; readonly text: string; readonly problem?: string }[];
}

/** What a place says, setting by setting. */
export function Spoken({ settings }: SpokenProperties): ReactNode {
  if (settings.length === 0) return <span className="quiet">none</span>;
  return (
    <span className="spoken">
      {settings.map(({ key, text, problem = '' }) => (
        <span key={key} className={problem === '' ? '' : 'wrong'}>
          <span className="quiet">{key}</span> <span className="break">{text}</span>
          {problem !== '' && ` ${problem}`}
        </span>
      ))}
    </span>
  );
}
