/** Writes the bill of materials (CycloneDX) of what the bundle is made of: `npm run sbom [-- FILE]`, from the lock file alone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../..');
const LARGEST_BYTES = 64 * 2 ** 20;
const OF_DEVELOPMENT = 'cdx:npm:package:development';
/** For npm they are of development, because the console is built; what is built of them is in the image. */
const IN_THE_CONSOLE = [
  '@tanstack/query-core',
  '@tanstack/react-query',
  '@tanstack/react-virtual',
  'fflate',
  '@tanstack/virtual-core',
  'react',
  'react-dom',
  'scheduler',
  'uplot',
];

const component = z.looseObject({
  'bom-ref': z.string(),
  name: z.string(),
  version: z.string(),
  properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
});
const edges = z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) });
const bill = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(component),
  dependencies: z.array(edges),
});

/**
 * As npm writes it, without what only development needs. Not by npm's `--omit dev`, which also leaves out what both
 * need: with npm 11, `zod` and `yaml`.
 */
export function sbom(): z.infer<typeof bill> {
  const words = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--loglevel=error'];
  const text = execFileSync('npm', words, { cwd: root, encoding: 'utf8', maxBuffer: LARGEST_BYTES });
  const whole = bill.parse(JSON.parse(text));
  const isShipped = ({ name: packageName, properties }: z.infer<typeof component>): boolean =>
    IN_THE_CONSOLE.includes(packageName) ||
    !properties.some(({ name, value }) => name === OF_DEVELOPMENT && value === 'true');
  const dropped = new Set(whole.components.filter((each) => !isShipped(each)).map((each) => each['bom-ref']));
  return {
    ...whole,
    components: whole.components.filter(isShipped),
    dependencies: whole.dependencies
      .filter(({ ref }) => !dropped.has(ref))
      .map((each) => ({ ...each, dependsOn: each.dependsOn.filter((ref) => !dropped.has(ref)) })),
  };
}

if (import.meta.main) {
  const file = resolve(process.argv[2] ?? join(root, 'dist', 'larder.cdx.json'));
  const found = sbom();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(found, undefined, 2)}\n`);
  process.stdout.write(`${file}: ${found.components.length} components\n`);
}
