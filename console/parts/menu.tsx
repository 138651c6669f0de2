import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';

interface Properties {
  /** On the button. */
  readonly name: string;
  readonly children: ReactNode;
}

/** Opens below its button; closes by Escape, by a click elsewhere, and when one of its links was taken. */
export function Menu({ name, children }: Properties): ReactNode {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const onPress = ({ target }: Event): void => {
      const { current } = details;
      if (current?.open && target instanceof Node && !current.contains(target)) current.open = false;
    };
    const onTaken = ({ target }: Event): void => {
      const { current } = details;
      if (current && target instanceof Element && target.closest('a') && current.contains(target)) current.open = false;
    };
    addEventListener('pointerdown', onPress);
    addEventListener('click', onTaken);
    return () => {
      removeEventListener('pointerdown', onPress);
      removeEventListener('click', onTaken);
    };
  }, []);
  const onKey = (event: KeyboardEvent): void => {
    const { current } = details;
    if (event.key !== 'Escape' || !current?.open) return;
    event.stopPropagation();
    current.open = false;
    current.querySelector('summary')?.focus();
  };
  return (
    <details ref={details} className="menu" onKeyDown={onKey}>
      <summary>{name}</summary>
      <div className="menu-body">{children}</div>
    </details>
  );
}
