import type { OutputFormat, Terminal } from './output.ts';

/** Prints one object as `printOne` does. Text for people needs nothing that writes tables or YAML, so none of it is loaded. */
export async function printLazily(
  terminal: Terminal,
  format: OutputFormat,
  value: unknown,
  text: () => string,
): Promise<void> {
  if (format === 'table') terminal.out(text());
  else (await import('./print.ts')).printOne(terminal, format, value, text);
}
