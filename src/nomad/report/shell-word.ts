/** A name of a job or a folder may hold anything; what somebody pastes into a shell names it and does nothing else. */
export function shellWord(text: string): string {
  return /^[\w.@/+:][\w.@/+:-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
