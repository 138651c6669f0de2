import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { rem } from '../frame/rem.ts';
import { type Records, useRecords } from './use-records.ts';

/** As its style sheet has it. */
const ROW_REM = 3.25;
const BEYOND = 6;

interface RecordRows {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly virtual: Virtualizer<HTMLDivElement, Element>;
  readonly records: Records;
}

/** The rows that are seen of those that fit; another question begins at its top. */
export function useRecordRows(q: string): RecordRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [count, setCount] = useState(0);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rem(ROW_REM),
    overscan: BEYOND,
    // The rows begin below the head, which stays.
    scrollPaddingStart: rem(ROW_REM),
  });
  const records = useRecords(
    q,
    virtual.getVirtualItems().map(({ index }) => index),
  );
  useEffect(() => setCount(records.found), [records.found]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the question that counts
  useEffect(() => {
    scroller.current?.scrollTo(0, 0); // which gives a promise in some browsers: no way to end an effect
  }, [q]);
  return { scroller, virtual, records };
}
