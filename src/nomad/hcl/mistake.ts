import type { Diagnostic } from '../source/diagnostic.ts';
import type { Failure } from './branch.ts';
import { recognize } from './recognize.ts';

import type { Source } from './source.ts';
import { TOO_DEEP } from './token-cursor.ts';

/** One sentence about where a text stops being HCL. */
export function mistake(failure: Failure, source: Source): Diagnostic {
  if (failure.kind === 'too-deep') {
    return source.diagnostic('LARDER_NOMAD_SYNTAX', failure, TOO_DEEP);
  }
  const found = recognize(source.text);
  if (found) return source.diagnostic('LARDER_NOMAD_SYNTAX', found.at, found.message);
  return source.diagnostic('LARDER_NOMAD_SYNTAX', failure, 'this is no HCL: what stands here has no place here');
}
