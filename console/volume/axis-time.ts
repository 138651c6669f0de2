/** Marks of a time axis in the reader's language. Pure but for the zone and language of the machine. */
const DAY_S = 86_400;
const MINUTE_S = 60;

/** `stepS`: between two marks. Where a new day begins its date stands instead of the time. */
export function axisTimes(marks: readonly number[], stepS: number): readonly string[] {
  let day = '';
  return marks.map((at, index) => {
    const time = new Date(at * 1000);
    const date = time.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
    const isNew = date !== day && (index > 0 || stepS >= DAY_S);
    day = date;
    if (isNew) return date;
    const seconds = stepS < MINUTE_S ? ({ second: '2-digit' } as const) : {};
    return time.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...seconds });
  });
}
