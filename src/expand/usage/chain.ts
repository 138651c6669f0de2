import type { Collection, Reading, Subject, UsageSource } from './source.ts';

/**
 * Asks the sources in order: what one cannot measure is passed to the next, unless it says that no other can know
 * better. A subject that nobody covers is delivered as `none`, with every reason that was given.
 */
export function createUsageChain(sources: readonly UsageSource[]): UsageSource {
  return {
    name: sources.map(({ name }) => name).join(', then '),
    async collect(collection, signal) {
      const open = new Map<string, Subject>();
      for (const subject of collection.subjects) open.set(subject.key, subject);
      const reasons = new Map<string, string[]>();
      for (const source of sources) {
        if (open.size === 0 || signal.aborted) break;
        await ask(source, { collection, open, reasons }, signal);
      }
      for (const subject of open.values()) {
        const reason = reasons.get(subject.key)?.join('; ') ?? uncovered(subject);
        collection.deliver({ kind: 'none', key: subject.key, reason, final: true });
      }
    },
  };
}

/** Where nobody is asked at all: kubelets are off unless somebody says otherwise, and a Prometheus has to be named. */
export const ASK_SOMEBODY = 'give --kubelet direct (chart: kubelet.mode) or set prometheusUrl';

/** What would be asked in vain is not proposed. */
function uncovered({ sharesFilesystem }: Subject): string {
  const remedy = sharesFilesystem ? 'it is a directory on a share, which nobody measures' : ASK_SOMEBODY;
  return `no usage source covers it: ${remedy}`;
}

interface Round {
  readonly collection: Collection;
  /** What no source has covered yet. */
  readonly open: Map<string, Subject>;
  readonly reasons: Map<string, string[]>;
}

/** Leaves open what the source does not cover. */
async function ask(source: UsageSource, round: Round, signal: AbortSignal): Promise<void> {
  const { open } = round;
  const deliver = (reading: Reading): void => {
    if (!open.has(reading.key)) return;
    if (reading.kind === 'sample' || reading.final) {
      open.delete(reading.key);
      round.collection.deliver(reading);
      return;
    }
    const said = round.reasons.get(reading.key) ?? [];
    if (!said.includes(reading.reason)) said.push(reading.reason);
    round.reasons.set(reading.key, said);
  };
  const { scraped } = round.collection;
  const subjects = [...open.values()];
  await source.collect({ subjects, deliver, ...(scraped ? { scraped } : {}) }, signal);
}
