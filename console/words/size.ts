/** Bytes as people read them, from the decimal strings that travel. Pure. */
import { readableBytes } from '../../src/expand/readable.ts';

/** `20 Gi`; `—` where nothing is known. */
export function sizeText(bytes: string): string {
  if (bytes === '') return '—';
  return readableBytes(BigInt(bytes)).replace(/(?<=\d)(?=[A-Z]i?$)/, ' ');
}

/** For the pointer that stays: all digits, in groups as the reader's language has them. */
export function exactBytes(bytes: string): string {
  return bytes === '' ? 'not known' : `${BigInt(bytes).toLocaleString()} bytes`;
}

/** `81 %`, cut off, so that what is below a threshold never reads as having reached it. */
export function percentText(ratio: number | undefined): string {
  if (ratio === undefined) return '—';
  return ratio > 0 && ratio < 0.01 ? '< 1 %' : `${Math.floor(ratio * 100 + 1e-6)} %`;
}
