import { readableTime } from '../../src/expand/readable.ts';
import { percentText, sizeText } from '../words/size.ts';
import { durationText } from '../words/time.ts';
import type { ExplainedMeasure } from './explained.ts';

/** A number that a gate looked at, as a person reads it. Pure. */
export function measureText({ unit, value }: ExplainedMeasure): string {
  switch (unit) {
    case 'bytes':
      return sizeText(String(value));
    case 'ratio':
      return percentText(Number(value));
    case 'duration':
      return durationText(Number(value));
    case 'time':
      return readableTime(Number(value));
    case 'count':
    case 'text':
      return String(value);
    default:
      return unit satisfies never;
  }
}
