import type { ReactNode } from 'react';
import { exactBytes, sizeText } from '../words/size.ts';

export function Size({ bytes }: { readonly bytes: string }): ReactNode {
  return (
    <span className="number" title={exactBytes(bytes)}>
      {sizeText(bytes)}
    </span>
  );
}
