import { type ReactNode, useEffect, useState } from 'react';

interface Properties {
  readonly text: string;
  /** What is copied, for those who do not see it beside the button. */
  readonly what: string;
  /** On the button; default `copy`. */
  readonly word?: string;
}

const SAID_MS = 2_000;

export function Copy({ text, what, word = 'copy' }: Properties): ReactNode {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (said === '') return undefined;
    const timer = setTimeout(() => setSaid(''), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (): void => {
    // Without a secure origin there is no clipboard; the text stands beside the button to be marked.
    const writing = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    writing.then(
      () => setSaid('copied'),
      () => setSaid('mark it and copy'),
    );
  };
  return (
    <button type="button" className="copy" onClick={copy} aria-label={`Copy ${what}`}>
      {said === '' ? word : said}
    </button>
  );
}

/** A command line with its button. */
export function CommandLine({ command }: { readonly command: string }): ReactNode {
  return (
    <span className="command">
      <code>{command}</code>
      <Copy text={command} what="the command" />
    </span>
  );
}
