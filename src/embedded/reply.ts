/** Answers, as a transport hands them on. */
import type { TransportResponse } from '../kube/transport.ts';
import type { Json } from './json.ts';
import { type Refusal, statusOf } from './refusal.ts';

const JSON_TYPE = 'application/json';

export function replyText(status: number, body: string, headers: Readonly<Record<string, string>>): TransportResponse {
  return {
    status,
    headers,
    text: () => Promise.resolve(body),
    chunks: () => once(body),
  };
}

export function replyJson(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): TransportResponse {
  return replyText(status, body, { 'content-type': JSON_TYPE, ...headers });
}

export function replyValue(status: number, value: Json): TransportResponse {
  return replyJson(status, JSON.stringify(value));
}

export function replyRefusal(refusal: Refusal): TransportResponse {
  const seconds = refusal.details?.retryAfterSeconds;
  const headers: Record<string, string> = seconds === undefined ? {} : { 'retry-after': String(seconds) };
  return replyJson(refusal.code, JSON.stringify(statusOf(refusal)), headers);
}

/** `chunks` is read once, by whoever asks for the text or the chunks. */
export function replyStream(chunks: AsyncIterable<string>, contentType = JSON_TYPE): TransportResponse {
  return {
    status: 200,
    headers: { 'content-type': contentType, 'transfer-encoding': 'chunked' },
    async text() {
      let text = '';
      for await (const chunk of chunks) text += chunk;
      return text;
    },
    chunks: () => chunks,
  };
}

async function* once(body: string): AsyncGenerator<string> {
  if (body !== '') yield body;
}

/** As the API server sends it: `299 - "text"`, several in one header. */
export function warningHeader(texts: readonly string[]): Readonly<Record<string, string>> {
  if (texts.length === 0) return {};
  const warnings = texts.map((text) => `299 - "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  return { warning: warnings.join(', ') };
}

/** The answer with more warnings, after those that it has. */
export function withWarnings(reply: TransportResponse, texts: ReadonlySet<string> | undefined): TransportResponse {
  if (!texts || texts.size === 0) return reply;
  const { warning = '' } = warningHeader([...texts]);
  const own = reply.headers['warning'];
  return { ...reply, headers: { ...reply.headers, warning: own ? `${own}, ${warning}` : warning } };
}
