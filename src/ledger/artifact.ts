/** Files that belong to a record as its evidence, under a name that says what is in them. */
import { gzipSync } from 'node:zlib';
import { type Artifact, REVIEWS_FOLDER } from './record.ts';
import { sha256Of } from './record-file.ts';

export interface NewArtifact {
  /** What it belongs to, as a change; the day comes before it. Characters that no file name should have become hyphens. */
  readonly folder: string;
  /** As `kubectl.diff`. */
  readonly name: string;
  readonly content: Uint8Array;
}

export interface StoredArtifact extends Artifact {
  /** As it is stored: compressed where it is large. */
  readonly content: Uint8Array;
}

/** What is larger is compressed. */
const PLAIN_BYTES = 64 * 1024;
const NAME_AT_MOST = 100;

/**
 * `docs/governance/reviews/<day>-<folder>/<first 12 of the sha256>-<name>[.gz]`. The same content at the same place has the
 * same name, so that writing it again changes nothing.
 * @param at of the record, as in its envelope.
 */
export function storedArtifact({ folder, name, content }: NewArtifact, at: string): StoredArtifact {
  const large = content.length > PLAIN_BYTES;
  const stored = large ? gzipSync(content) : content;
  const sha256 = sha256Of(stored);
  const file = `${sha256.slice(0, 12)}-${plain(name)}${large ? '.gz' : ''}`;
  const path = `${REVIEWS_FOLDER}/${at.slice(0, 10)}-${plain(folder)}/${file}`;
  return { path, sha256, bytes: stored.length, content: stored };
}

/** A part of a path in the grammar of the envelope; never empty. */
function plain(words: string): string {
  const kept = words.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, NAME_AT_MOST);
  return kept === '' ? 'unnamed' : kept;
}

/** Whether a file in the folder of the evidence has a name that Larder gives: others are none of its business. */
export function isArtifactName(name: string): boolean {
  return /^[0-9a-f]{12}-./.test(name);
}
