/** What a long bench is at, for whoever waits: on stderr, so that the report stays alone on stdout. */

/** Each line with the seconds since the process began. */
export function say(text: string): void {
  const seconds = Math.round(performance.now() / 1000);
  process.stderr.write(`${String(seconds).padStart(5)} s  ${text}\n`);
}
