import { useMemo, useRef, useState } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import { keyOfVolume } from '../../src/operator/console/feed.ts';
import { keepOrder } from './order.ts';

interface Reading {
  readonly rows: readonly VolumeRow[];
  /** The pointer or the focus is on the table, or not any more. */
  readonly hold: (held: boolean) => void;
}

/** While somebody reads the table its rows keep their places; figures change in them. `question`: a new one orders anew. */
export function useReading(ordered: readonly VolumeRow[], question: string): Reading {
  const [held, hold] = useState(false);
  const shown = useRef<{ readonly question: string; readonly rows: readonly VolumeRow[] }>({ question: '', rows: [] });
  const rows = useMemo(() => {
    const keeps = held && shown.current.question === question;
    const next = keeps ? keepOrder(ordered, shown.current.rows.map(keyOfVolume), keyOfVolume) : ordered;
    shown.current = { question, rows: next };
    return next;
  }, [ordered, held, question]);
  return { rows, hold };
}
