import type { AccessCode } from '../registry.ts';

/** Why access was not given or taken: what, whom it is about, what to do. */
export interface AccessRefused {
  readonly kind: 'refused';
  readonly code: AccessCode;
  readonly message: string;
}

export function accessRefused(code: AccessCode, message: string): AccessRefused {
  return { kind: 'refused', code, message };
}
