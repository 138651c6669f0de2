/** `1 job`, `2 jobs`: how many of what, as a sentence has it. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}
