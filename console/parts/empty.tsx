import type { ReactNode } from 'react';
import { CommandLine } from './copy.tsx';

interface Properties {
  /** What this screen will show. */
  readonly title: string;
  readonly children?: ReactNode;
  /** The one that makes it show something. */
  readonly command?: string;
  /** It is all there is on the screen. */
  readonly screen?: boolean;
}

export function Empty({ title, children, command, screen = false }: Properties): ReactNode {
  return (
    <div className="empty">
      {screen ? (
        <h1>{title}</h1>
      ) : (
        <p>
          <strong>{title}</strong>
        </p>
      )}
      {children}
      {command !== undefined && <CommandLine command={command} />}
    </div>
  );
}
