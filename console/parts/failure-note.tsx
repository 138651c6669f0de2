import type { ReactNode } from 'react';
import { failureOf } from '../live/ask.ts';

interface Properties {
  /** What could not be done, as the beginning of a sentence: `The trash was not read`. */
  readonly what: string;
  readonly cause: unknown;
  readonly retry?: () => void;
}

export function FailureNote({ what, cause, retry }: Properties): ReactNode {
  const { title, message, code } = failureOf(cause);
  return (
    <div className="failure" role="alert">
      <p>
        <strong>{what}.</strong> {message}
      </p>
      <p className="quiet">
        {title}
        {code !== '' && (
          <>
            {' · '}
            <code>{code}</code> in docs/reference/errors.md says what to do
          </>
        )}
      </p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
