import { type ConversionInput, convert } from '../output/conversion.ts';
import { markerHash } from '../output/marker.ts';
import { outputTree } from '../output/output-tree.ts';
import { build } from '../report/build.ts';
import type { Finding } from './finding.ts';

/** C18: two conversions of the same jobs give the same bytes. */
export function repeated(input: ConversionInput): readonly Finding[] {
  const once = (): ReadonlyMap<string, string> => {
    const conversion = convert(input);
    const report = build(conversion, input.answers);
    const hashes = new Map<string, string>();
    for (const { path, pieces } of outputTree({ conversion, report, earlier: [], sources: input.project.sources }))
      hashes.set(path, markerHash(pieces()));
    return hashes;
  };
  const [first, second] = [once(), once()];
  return [...first]
    .filter(([path, hash]) => second.get(path) !== hash)
    .map(([file]) => ({
      check: 'C18',
      severity: 'error',
      file,
      object: 'conversion',
      message: 'two conversions of the same jobs write it differently',
      todo: 'This is a fault of Larder: report it with the job.',
    }));
}
