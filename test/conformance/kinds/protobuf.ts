/** The samples of every kind as the protobuf that Kubernetes' own clients send, and what a server makes of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, Api } from '../target.ts';
import { kindCases } from './cases.ts';
import type { KindCase, Sample } from './kind-case.ts';
import { plainAnswer } from './transcript.ts';

type Parsed = Answer['json'];

const TYPE = 'application/vnd.kubernetes.protobuf';
const file = join(import.meta.dirname, '..', 'vectors', 'kinds-protobuf.generated.json');

export interface Encoded {
  readonly what: string;
  /** Of the collection. */
  readonly path: string;
  /** Base64. */
  readonly body: string;
  readonly answer: Parsed;
}

export function readEncoded(): readonly Encoded[] {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Sends a body, keeps nothing. */
export async function send(api: Pick<Api, 'call'>, { path, body }: Pick<Encoded, 'path' | 'body'>): Promise<Parsed> {
  const headers = { 'content-type': TYPE };
  const bytes = Buffer.from(body, 'base64');
  return plainAnswer(await api.call(`${path}?dryRun=All`, { method: 'POST', headers, body: bytes }));
}

/** Has a server encode every sample, and sends that back. */
export async function record(api: Pick<Api, 'call'>): Promise<number> {
  const encoded: Encoded[] = [];
  for (const [name, kindCase] of Object.entries(kindCases)) {
    for (const [what, sample] of samplesOf(kindCase))
      encoded.push(await encode(api, `${name} ${what}`, kindCase, sample));
  }
  writeFileSync(file, `[\n${encoded.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`);
  return encoded.length;
}

function samplesOf({ sample, variants = {} }: KindCase): readonly (readonly [what: string, sample: Sample])[] {
  return [['sample', sample], ...Object.entries(variants)];
}

async function encode(api: Pick<Api, 'call'>, what: string, kindCase: KindCase, sample: Sample): Promise<Encoded> {
  const place = (text: string): string => text.replaceAll('NS', 'default').replaceAll('RUN', 'protobuf');
  const path = place(kindCase.path);
  const body = JSON.parse(place(JSON.stringify({ ...sample, metadata: { name: 'encoded', ...sample.metadata } })));
  const made = await api.call(`${path}?dryRun=All`, { method: 'POST', headers: { accept: TYPE }, body });
  if (made.status !== 201) throw new Error(`${what}: ${made.text}`);
  const encoded = { path, body: Buffer.from(made.bytes ?? '').toString('base64') };
  return { what, ...encoded, answer: await send(api, encoded) };
}
