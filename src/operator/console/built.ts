import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const here = import.meta.dirname;
/** A bundle has it beside its code. Above a bundle nothing is looked for: what lies there may be anybody's. */
const isCheckout = import.meta.filename.endsWith(join('src', 'operator', 'console', 'built.ts'));

/** The folder of the built console; undefined: it was not built, and the plain page is all there is. */
export function builtConsole(): string | undefined {
  const folder = isCheckout ? resolve(here, '../../../console/dist') : join(here, 'console');
  return existsSync(join(folder, 'index.html')) ? folder : undefined;
}
