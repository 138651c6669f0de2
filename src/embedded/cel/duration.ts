/** Durations as Go writes them (`1h30m`), which are no part of what the library exports. */
import { evaluate } from '@marcbachmann/cel-js';

/** @throws when the text is none. */
export function readDuration(text: string): unknown {
  return evaluate('duration(text)', { text });
}
