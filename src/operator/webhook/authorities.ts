/** Authorities as the Secret has them. What cannot be read there is as if it were not there. Pure but for its parsing. */
import { isPair, validityOf } from '../../kube/certificate.ts';
import type { Authorities, Authority } from './rotation.ts';

type Data = Readonly<Record<string, string>>;

/** `data` is that of the Secret: base64. */
export function readAuthorities(data: Data): Authorities {
  const promotedAt = Date.parse(textIn(data, 'promoted-at'));
  const previous = textIn(data, 'previous.crt');
  const validity = validityOf(previous);
  return {
    current: authorityIn(data, 'authority'),
    next: authorityIn(data, 'next'),
    previous: validity && { certificate: previous, ...validity },
    promotedAt: Number.isNaN(promotedAt) ? undefined : promotedAt,
  };
}

/** A merge patch of `data`: what is not there is removed. */
export function writeAuthorities({ current, next, previous, promotedAt }: Authorities): Record<string, string | null> {
  return {
    'authority.crt': encoded(current?.certificate),
    'authority.key': encoded(current?.key),
    'next.crt': encoded(next?.certificate),
    'next.key': encoded(next?.key),
    'previous.crt': encoded(previous?.certificate),
    'promoted-at': encoded(promotedAt === undefined ? undefined : new Date(promotedAt).toISOString()),
  };
}

function authorityIn(data: Data, name: string): Authority | undefined {
  const certificate = textIn(data, `${name}.crt`);
  const key = textIn(data, `${name}.key`);
  const validity = validityOf(certificate);
  return validity && isPair({ certificate, key }) ? { certificate, key, ...validity } : undefined;
}

function textIn(data: Data, name: string): string {
  return Buffer.from(data[name] ?? '', 'base64').toString('utf8');
}

function encoded(text: string | undefined): string | null {
  return text === undefined ? null : Buffer.from(text).toString('base64');
}
