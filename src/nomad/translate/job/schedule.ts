/** A schedule of Nomad as Kubernetes' five fields. */
export type Schedule =
  | { readonly kind: 'schedule'; readonly fields: string; readonly difference?: string }
  /** No five fields mean the same. */
  | { readonly kind: 'none'; readonly why: string };

/** Both sides know these; `@every` and `@reboot` neither of them. */
const macros = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/**
 * Nomad's cron (hashicorp/cronexpr) takes five to seven fields: a sixth is the **year**, and with seven the first is
 * seconds. Kubernetes' (robfig/cron) takes five, without `L`, `W` and `#`, and Sunday only as 0.
 */
export function scheduleOf(written: string): Schedule {
  const text = written.trim();
  if (text.startsWith('@')) {
    return macros.has(text.toLowerCase())
      ? { kind: 'schedule', fields: text.toLowerCase() }
      : { kind: 'none', why: `${text} is no macro that both know` };
  }
  const fields = text.split(/\s+/);
  if (fields.length < 5 || fields.length > 7) {
    return { kind: 'none', why: `a schedule has 5 to 7 fields, and this has ${fields.length}` };
  }
  const seconds = fields.length === 7 ? fields[0] : undefined;
  const five = fields.slice(seconds === undefined ? 0 : 1).slice(0, 5);
  const year = fields[seconds === undefined ? 5 : 6];
  if (year !== undefined && !/^[*?]$/.test(year)) {
    return { kind: 'none', why: `it is for the year ${year}, and Kubernetes knows no years` };
  }
  if (seconds !== undefined && !/^\d+$/.test(seconds)) {
    return { kind: 'none', why: `it runs several times a minute (seconds ${seconds}), and Kubernetes once` };
  }
  return fiveFields(five, seconds);
}

function fiveFields(five: readonly string[], seconds: string | undefined): Schedule {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = five;
  if (/[LW]/i.test(day) || /L$|#/i.test(weekday)) {
    return { kind: 'none', why: 'L, W and # of cron are unknown to Kubernetes' };
  }
  const converted = [minute, hour, day, month.toUpperCase(), weekdays(weekday)];
  const wrong = converted.find((field) => !/^[\dA-Z*?,/-]+$/i.test(field));
  if (wrong !== undefined) return { kind: 'none', why: `${wrong} is nothing that cron knows` };
  const late = seconds === undefined || Number(seconds) === 0;
  const difference = late ? {} : { difference: `it starts at second 0 instead of ${seconds}` };
  return { kind: 'schedule', fields: converted.join(' '), ...difference };
}

/** Names of days are three letters in Kubernetes, and 7 is unknown there; a span up to it is one up to Saturday, and Sunday. */
function weekdays(field: string): string {
  return field
    .split(',')
    .map((part) => {
      const [range = '', step] = part.split('/');
      const short = range.replaceAll(/(sun|mon|tue|wed|thu|fri|sat)[a-z]*/gi, (_, day: string) => day.toUpperCase());
      const span = /^0*([0-6])-0*7$/.exec(short);
      if (span?.[1] !== undefined && step === undefined) return span[1] === '0' ? '*' : `${span[1]}-6,0`;
      const single = short.replace(/^0*7$/, '0');
      return step === undefined ? single : `${single}/${step}`;
    })
    .join(',');
}
