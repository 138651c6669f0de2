import { Fragment, type ReactNode } from 'react';

/** Longer names are broken where they must be: they would push what stands beside them out of sight. */
const LONG = 20;
const LONG_ON_A_PHONE = 12;

function look({ length }: string): string | undefined {
  if (length > LONG) return undefined;
  return length > LONG_ON_A_PHONE ? 'whole-part wide-part' : 'whole-part';
}

/** A path or an address: a line may end behind the `/` or `:` after a name, and not within one. */
export function Path({ text }: { readonly text: string }): ReactNode {
  return (
    <span className="path">
      {text.split(/(?<=[^/:][/:])/).map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name, and keep their places
        <Fragment key={index}>
          {index > 0 && <wbr />}
          <span className={look(part)}>{part}</span>
        </Fragment>
      ))}
    </span>
  );
}
