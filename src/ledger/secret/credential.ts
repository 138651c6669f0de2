/** Credentials on their way: headers of HTTP and addresses with a password in them. */
import { isMasked } from './masked.ts';
import { looksSecret } from './secret-key.ts';
import { type Span, spansOf } from './span.ts';

const WORD = /^[A-Za-z]{1,7}$/;

interface Carrier {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly group: number;
  readonly secret: (value: string) => boolean;
}

const carriers: readonly Carrier[] = [
  {
    kind: 'Authorization header',
    pattern:
      /\b(?:proxy-)?authorization\\{0,8}["']?[ \t]*[:=][ \t]*\\{0,8}["']?(?:bearer|basic|token|digest|apikey|bot)[ \t]+([^\s"'\\,;]+)/dgi,
    group: 1,
    secret: (value) => !WORD.test(value),
  },
  {
    kind: 'Authorization header',
    pattern: /\b(?:proxy-)?authorization\\{0,8}["']?[ \t]*[:=][ \t]*\\{0,8}["']?([^\s"'\\,;]+)/dgi,
    group: 1,
    secret: looksSecret,
  },
  { kind: 'bearer token', pattern: /\bbearer[ \t]+([\w.~+/-]{12,}=*)/dgi, group: 1, secret: looksSecret },
  {
    kind: 'password in an address',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'`<>]{0,200}:([^\s/@"'`<>]{1,400})@/dgi,
    group: 1,
    secret: () => true,
  },
  {
    kind: 'token in an address',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/:@"'`<>]{12,400})@/dgi,
    group: 1,
    secret: looksSecret,
  },
  {
    kind: 'signature in an address',
    pattern: /[?&](?:sig|X-Amz-Signature)=([A-Za-z0-9%]{40,})/dg,
    group: 1,
    secret: () => true,
  },
];

export function findCredentials(text: string): readonly Span[] {
  return carriers.flatMap(({ kind, pattern, group, secret }) =>
    spansOf(text, pattern, kind, group).filter(({ start, end }) => {
      const value = text.slice(start, end);
      return !isMasked(value) && secret(value);
    }),
  );
}
