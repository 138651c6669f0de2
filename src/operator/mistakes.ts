/** What is wrong with what somebody sent: of ten thousand mistakes the first few. */
import { z } from 'zod';

const ISSUES_AT_MOST = 20;
const CHARACTERS_AT_MOST = 4_000;

export function mistakes({ issues }: z.ZodError): string {
  return z.prettifyError({ issues: issues.slice(0, ISSUES_AT_MOST) }).slice(0, CHARACTERS_AT_MOST);
}
