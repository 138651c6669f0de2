import type { Span } from './span.ts';

/** On one line, or wrapped as `base64` and PEM do. */
const runs: readonly RegExp[] = [
  /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}={0,2}/g,
  /(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{60,76}\r?\n[ \t+-]*)+[A-Za-z0-9+/]{1,76}={0,2}/g,
];

/** Secrets in what base64 stands for, as the values of Secrets and kubeconfigs; `find` looks into the text. */
export function findEncoded(text: string, find: (decoded: string) => readonly Span[]): readonly Span[] {
  return runs.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(({ 0: run, index }) => {
      const decoded = textOf(run.replace(/\s+[+-]?/g, ''));
      const [inside] = decoded === undefined ? [] : find(decoded);
      return inside ? [{ start: index, end: index + run.length, kind: `${inside.kind}, in base64` }] : [];
    }),
  );
}

/** Undefined for what is no text: hashes, keys, certificates, compressed data. */
function textOf(base64: string): string | undefined {
  const decoded = Buffer.from(base64, 'base64').toString('utf8');
  return /[^\P{Cc}\t\n\r]|\ufffd/u.test(decoded) ? undefined : decoded;
}
