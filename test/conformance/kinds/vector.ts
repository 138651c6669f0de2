/** Recorded answers: what a real server said to each step of a case, as files beside those of the suite. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Transcript } from './transcript.ts';

const folder = join(import.meta.dirname, '..', 'vectors', 'kinds');
const fileOf = (name: string): string => join(folder, `${name}.generated.json`);

export function readVector(name: string): Transcript {
  return JSON.parse(readFileSync(fileOf(name), 'utf8'));
}

export function writeVector(name: string, transcript: Transcript): void {
  mkdirSync(folder, { recursive: true });
  const lines = Object.entries(transcript).map(
    ([what, answer]) => `${JSON.stringify(what)}: ${JSON.stringify(answer)}`,
  );
  writeFileSync(fileOf(name), `{\n${lines.join(',\n')}\n}\n`);
}
