import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { Cast, Script } from '../expand/simulate/play.ts';
import {
  type RecordingHead,
  type RecordingLine,
  recordedCast,
  recordedStage,
  recordingHead,
  recordingLine,
} from '../expand/simulate/recording.ts';
import { Exit, exitCodes } from './exit.ts';
import { unreadable } from './input.ts';
import { recordedSettings } from './recorded-settings.ts';

const CHUNK_BYTES = 1 << 20;
const LONGEST_LINE = 64 << 20;

export interface Replay {
  readonly head: RecordingHead;
  readonly script: Script;
}

/** A recording, read line by line as it is played; undefined: the file is none. Throws Exit 2 with the line that is wrong. */
export function replayOf(path: string): Replay | undefined {
  const lines = linesOf(path);
  const first = lines.next();
  const head = first.done ? undefined : recordingHead.safeParse(jsonIn(first.value));
  if (!head?.success) {
    lines.return(undefined);
    return undefined;
  }
  const settings = recordedSettings(head.data, `${path}:1`);
  const objects: Record<string, unknown>[] = [];
  const rest = parsedLines(path, lines);
  let claim: RecordingLine | undefined;
  for (let next = rest.next(); !next.done; next = rest.next()) {
    if ('object' in next.value) objects.push(next.value.object);
    else {
      claim = next.value;
      break;
    }
  }
  return {
    head: head.data,
    script: {
      objects,
      cast: castOf(claim, rest),
      ...settings,
      stage: recordedStage(head.data),
    },
  };
}

function* castOf(first: RecordingLine | undefined, rest: Iterable<RecordingLine>): Generator<Cast> {
  for (const line of first ? [first] : []) yield* takeOf(line);
  for (const line of rest) yield* takeOf(line);
}

function* takeOf(line: RecordingLine): Generator<Cast> {
  if (!('claim' in line)) return;
  yield recordedCast(line.claim, line.points);
}

/** Nobody writes recordings by hand: of one that was cut off or changed, its parts say nothing to its reader. */
const NO_LINE =
  'is no line of a recording, which has an object or a claim with its points: record it again with `larder record`';

function* parsedLines(path: string, lines: Iterable<string>): Generator<RecordingLine> {
  let number = 1;
  for (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    const read = recordingLine.safeParse(jsonIn(line));
    if (!read.success) throw new Exit(exitCodes.usage, `${path}:${number}: ${NO_LINE}`);
    yield read.data;
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // given up: the schema then says what was expected
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function* linesOf(path: string): Generator<string> {
  const file = opened(path);
  try {
    if (fstatSync(file).isDirectory()) throw new Exit(exitCodes.usage, `${path} is a folder: name a file`);
    const buffer = Buffer.alloc(CHUNK_BYTES);
    const decoder = new StringDecoder('utf8');
    let text = '';
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) {
      text += decoder.write(buffer.subarray(0, count));
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      if (text.length > LONGEST_LINE)
        throw new Exit(exitCodes.usage, `${path}: a line is longer than ${LONGEST_LINE} bytes`);
      yield* lines;
    }
    if (text !== '') yield text;
  } finally {
    closeSync(file);
  }
}
