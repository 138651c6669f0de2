import type { Finding } from '../../nomad/check/finding.ts';
import { type ConversionInput, convert } from '../../nomad/output/conversion.ts';
import { outputTree } from '../../nomad/output/output-tree.ts';
import { build } from '../../nomad/report/build.ts';
import { hashOf } from './output-files.ts';

/** C18: two conversions of the same jobs give the same bytes. */
export function repeated(input: ConversionInput): readonly Finding[] {
  const once = (): ReadonlyMap<string, string> => {
    const conversion = convert(input);
    const report = build(conversion, input.answers);
    const hashes = new Map<string, string>();
    for (const { path, pieces } of outputTree({ conversion, report, earlier: [], sources: input.project.sources }))
      hashes.set(path, hashOf(pieces()));
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
