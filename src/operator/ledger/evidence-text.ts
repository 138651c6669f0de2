/** A file of evidence as text that a page can show. */
import { gunzipSync } from 'node:zlib';
import type { ArtifactContent } from '../../ledger/artifact-content.ts';
import type { EvidenceAnswer } from './ledger-api.ts';

/** More of it helps nobody who reads in a page. */
const CHARACTERS = 1_000_000;
/** What a small file may become when it is taken apart. */
const PLAIN_BYTES = 64 * 1024 * 1024;

export function evidenceText(path: string, found: ArtifactContent): EvidenceAnswer {
  if (found.kind === 'wrong') return found;
  const content = path.endsWith('.gz') ? unpacked(found.content) : found.content;
  if (content === undefined) {
    return {
      kind: 'wrong',
      why: `${path} is not compressed as its name says, or holds more than 64 MiB: open it with zcat`,
    };
  }
  const text = textOf(content);
  if (text === undefined) return { kind: 'bytes', bytes: content.length };
  return { kind: 'text', text: text.slice(0, CHARACTERS), cut: text.length > CHARACTERS };
}

function unpacked(content: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(content, { maxOutputLength: PLAIN_BYTES });
  } catch {
    return undefined; // the caller says so
  }
}

function textOf(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined; // the caller shows how many bytes
  }
}
