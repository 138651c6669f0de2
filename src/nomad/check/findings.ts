import { account } from './account.ts';
import { constraint } from './constraint.ts';
import { cron } from './cron.ts';
import { env } from './env.ts';
import type { Finding } from './finding.ts';
import { image } from './image.ts';
import { litestream } from './litestream.ts';
import { mount } from './mount.ts';
import { name } from './name.ts';
import { networkPolicy } from './network-policy.ts';
import { port } from './port.ts';
import { probe } from './probe.ts';
import { reference } from './reference.ts';
import { resource } from './resource.ts';
import { route } from './route.ts';
import { secret } from './secret.ts';
import { selector } from './selector.ts';
import { strategy } from './strategy.ts';
import type { Check, Subject } from './subject.ts';
import { template } from './template.ts';

/** C1 to C18, in order; that changes of the input's form change nothing (C19) is a test of the translation. */
const checks: readonly Check[] = [
  image,
  env,
  secret,
  port,
  selector,
  mount,
  template,
  resource,
  probe,
  constraint,
  route,
  name,
  networkPolicy,
  cron,
  strategy,
  litestream,
  account,
  reference,
];

/** What all checks found that need no schema and no program: by check, then by file and line. */
export function findingsOf(subject: Subject): readonly Finding[] {
  return checks.flatMap((check) => check.run(subject).toSorted(byPlace));
}

function byPlace(one: Finding, other: Finding): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return (one.line ?? 0) - (other.line ?? 0);
}
