/** A decision as it travels: what `larder explain -o json` prints. Pure. */

export interface ExplainedMeasure {
  readonly what: string;
  readonly source: string;
  readonly unit: 'bytes' | 'ratio' | 'duration' | 'time' | 'count' | 'text';
  readonly value: string | number;
}

export interface ExplainedGate {
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'skip';
  readonly compared: readonly ExplainedMeasure[];
  readonly reason: string;
}

export interface ExplainedSetting {
  /** Absent: nobody says anything, and there is no built-in. */
  readonly value?: unknown;
  readonly source: string;
  readonly overruled: readonly string[];
}

interface Rate {
  readonly bytesPerHour: number;
  readonly trustedMs: number;
}

export interface ExplainedForecast {
  readonly kind: 'known' | 'unknown';
  readonly points: number;
  readonly spanMs: number;
  readonly robust?: Rate;
  readonly recent?: Rate;
  readonly timeToFullMs?: number;
  readonly trusted?: boolean;
}

/** What somebody set and nobody can read. */
export interface UnreadSetting {
  readonly field: string;
  readonly value: string;
  readonly reason: string;
  readonly source: { readonly label: string };
}

/** Bytes as decimal strings, times as epoch ms. */
export interface Explained {
  readonly summary: string;
  readonly at: number;
  readonly state: string;
  readonly verdict: { readonly kind: string; readonly gate?: string };
  readonly baseBytes: string;
  readonly nextSizeBytes?: string;
  readonly gates: readonly ExplainedGate[];
  readonly forecast?: ExplainedForecast;
  readonly next: { readonly action: string; readonly at?: number };
  readonly settings: Readonly<Record<string, ExplainedSetting>>;
  readonly problems: readonly UnreadSetting[];
  /** Oldest first. */
  readonly samples: readonly { readonly at: number; readonly capacityBytes: string; readonly usedBytes: string }[];
  /** Oldest first. */
  readonly growths: readonly {
    readonly at: number;
    readonly fromBytes: string;
    readonly toBytes: string;
    readonly trigger: string;
  }[];
  readonly notes: readonly string[];
  readonly management: { readonly kind: string };
}

export interface ExplainedAnswer {
  readonly decision: Explained;
  readonly text: string;
}

/** The gate that decides: the one that the verdict names, else the first that does not pass. Undefined: all pass. */
export function decidingGate({ verdict, gates }: Pick<Explained, 'verdict' | 'gates'>): string | undefined {
  return verdict.gate ?? gates.find(({ outcome }) => outcome === 'fail')?.name;
}

/** The size beyond which it does not grow; undefined: nobody says one, or what they say cannot be read. */
export function maximumBytes({ settings, problems }: Pick<Explained, 'settings' | 'problems'>): string | undefined {
  if (problems.some(({ field }) => field === 'max-size')) return undefined;
  const value = settings['max-size']?.value;
  return typeof value === 'string' && /^\d+$/.test(value) ? value : undefined;
}

/** The size that its settings ask for, whatever stands in the way; undefined: it was not worked out. */
export function wantedBytes({ gates }: Pick<Explained, 'gates'>): string | undefined {
  const measures = gates.find(({ name }) => name === 'size')?.compared ?? [];
  const value = measures.find(({ what }) => what === 'wanted size')?.value;
  return value === undefined ? undefined : String(value);
}
