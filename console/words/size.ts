/** Bytes as people read them, from the decimal strings that travel. Pure. */
import { readableBytes, readablePercent } from '../../src/expand/readable.ts';
import { bytesOf } from '../../src/kube/quantity.ts';

/** `19.53 Gi`, with the decimal sign of the reader's language; `—` where nothing is known. */
export function sizeText(bytes: string): string {
  if (bytes === '') return '—';
  return readableBytes(BigInt(bytes))
    .replace(/(?<=\d)(?=[A-Z]i?$)/, ' ')
    .replace('.', decimalSign());
}

/** Asked each time: a language may be another one in the next test, and is the same within a page. */
function decimalSign(): string {
  const parts = new Intl.NumberFormat().formatToParts(0.5);
  return parts.find(({ type }) => type === 'decimal')?.value ?? '.';
}

/** `20 Gi` for a quantity as the API has it, `20Gi`. */
export function quantityText(quantity: string): string {
  const bytes = bytesOf(quantity);
  return bytes === undefined || bytes < 0n ? quantity || '—' : sizeText(bytes.toString());
}

/** After a flag, in quotes or between other signs stands what somebody copies. */
const size = /(?<!--[\w-]+[ =])(?<![\w"'`=:./-])(\d+(?:\.\d+)?)([KMGTPE]i)(?![\w"'`=:/-])/g;

/** A sentence of the operator's, `grows from 20Mi to 30Mi`, with its sizes as this page writes them. */
export function sentenceText(text: string): string {
  return text.replace(size, (_, figure: string, unit: string) => `${figure.replace('.', decimalSign())} ${unit}`);
}

/** The same text, in which no line ends between a figure and its sign. */
export function unbroken(text: string): string {
  return text.replace(/(?<=\d) (?=%)/g, '\u00a0');
}

/** For the pointer that stays: all digits, in groups as the reader's language has them. */
export function exactBytes(bytes: string): string {
  return bytes === '' ? 'not known' : `${BigInt(bytes).toLocaleString()} bytes`;
}

/** `81 %`, as the command line writes it; `—` where nothing is known. */
export function percentText(ratio: number | undefined): string {
  return ratio === undefined ? '—' : readablePercent(ratio);
}
