import type { MouseEvent, ReactNode } from 'react';
import { go } from './use-route.ts';

interface Properties {
  readonly to: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly title?: string;
  readonly current?: boolean;
  readonly label?: string;
}

/** A link of the browser's: it opens in a tab, is copied and hovered as any other; a plain click stays in the page. */
export function Link({ to, children, className, title, current, label }: Properties): ReactNode {
  const onClick = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a
      href={to}
      onClick={onClick}
      className={className}
      title={title}
      aria-label={label}
      aria-current={current ? 'page' : undefined}
    >
      {children}
    </a>
  );
}
