import { Exit, exitCodes } from './exit.ts';

export interface ClaimArgument {
  readonly namespace: string;
  readonly name: string;
}

const DNS_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * Reads how every command writes a claim: `pvc/NAME` (with `-n NS`) or `NS/NAME`; a bare `NAME` is taken as `pvc/NAME`.
 * Throws Exit 2 that says what is accepted.
 */
export function claim(text: string, namespace: string): ClaimArgument {
  const parts = text.split('/');
  const [first = '', second] = parts;
  const isKind = ['pvc', 'persistentvolumeclaim', 'persistentvolumeclaims'].includes(first.toLowerCase());
  const parsed =
    second === undefined
      ? { namespace, name: first }
      : isKind
        ? { namespace, name: second }
        : { namespace: first, name: second };
  if (parts.length > 2 || !DNS_NAME.test(parsed.name) || !DNS_NAME.test(parsed.namespace)) {
    throw new Exit(exitCodes.usage, `"${text}" is not a claim: write pvc/NAME -n NAMESPACE, or NAMESPACE/NAME`);
  }
  return parsed;
}
