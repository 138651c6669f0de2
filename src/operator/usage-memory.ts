import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import { forgetfulHistory, type HistoryStore } from '../expand/usage/history.ts';
import { openHistory } from '../expand/usage/history-store.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';

/** The history of usage as the configuration wants it. Never throws: growth does not need it. */
export function usageMemory(options: {
  /** Absent: in memory. */
  readonly path?: string | undefined;
  readonly configuration: ResolvedConfiguration;
  readonly clock: Clock;
  readonly log: Log;
}): HistoryStore {
  const retentionMs = options.configuration.values.historyRetention;
  return retentionMs === 0 ? forgetfulHistory : openHistory({ ...options, retentionMs });
}
