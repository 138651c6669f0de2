import type { Finding } from '../../nomad/check/finding.ts';
import { type ConversionInput, convert } from '../../nomad/output/conversion.ts';
import { outputTree } from '../../nomad/output/output-tree.ts';
import { build } from '../../nomad/report/build.ts';

/** C18: two conversions of the same jobs give the same bytes. */
export function repeated(input: ConversionInput): readonly Finding[] {
  const once = (): ReadonlyMap<string, string> => {
    const conversion = convert(input);
    return outputTree({
      conversion,
      report: build(conversion, input.answers),
      earlier: [],
      sources: input.project.sources,
    });
  };
  const [first, second] = [once(), once()];
  return [...first]
    .filter(([path, text]) => second.get(path) !== text)
    .map(([file]) => ({
      check: 'C18',
      severity: 'error',
      file,
      object: 'conversion',
      message: 'two conversions of the same jobs write it differently',
      todo: 'This is a fault of Larder: report it with the job.',
    }));
}
