/** A reporter for knip that only says how many files it looked at: a run that saw none would report nothing dead. */
// biome-ignore lint/style/noDefaultExport: knip takes a reporter as the default export of its file
export default function knipCount({ counters }: { readonly counters: { readonly processed: number } }): void {
  process.stdout.write(`knip looked at ${counters.processed} files\n`);
}
