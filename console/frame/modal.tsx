import { type ReactNode, useEffect, useId, useRef } from 'react';

interface Properties {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly className?: string;
}

/** The browser's own dialog: it keeps the focus inside, closes by Escape, and gives the focus back. */
export function Modal({ title, onClose, children, className = '' }: Properties): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const shown = dialog.current;
    if (shown && !shown.open) {
      shown.showModal();
      shown.querySelector('input')?.focus(); // the browser takes what comes first, which is the way out
    }
    return () => shown?.close();
  }, []);
  return (
    <dialog ref={dialog} className={className} aria-labelledby={heading} onClose={onClose}>
      <header>
        <h2 id={heading}>{title}</h2>
        <button type="button" className="plain" aria-label="Close" onClick={onClose}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  );
}
