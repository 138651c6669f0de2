import type { SecretCode } from '../registry.ts';

/** Why a secret was not read or written: what, in which file, what to do. Never a value. */
export interface Refused {
  readonly kind: 'refused';
  /** With an entry in the docs. */
  readonly code: SecretCode;
  readonly message: string;
}

export function refused(code: SecretCode, message: string): Refused {
  return { kind: 'refused', code, message };
}
