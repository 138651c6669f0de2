import { Fragment, type ReactNode } from 'react';

/** A longer name is broken where it must be: it would push what stands beside it out of sight. */
const LONG = 20;

/** A path or an address: a line may end behind the `/` or `:` after a name, and not within one. */
export function Path({ text }: { readonly text: string }): ReactNode {
  return (
    <span className="path">
      {text.split(/(?<=[^/:][/:])/).map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name, and keep their places
        <Fragment key={index}>
          {index > 0 && <wbr />}
          <span className={part.length > LONG ? undefined : 'whole-part'}>{part}</span>
        </Fragment>
      ))}
    </span>
  );
}
