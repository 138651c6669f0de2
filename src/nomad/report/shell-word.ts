/** A name of a job or a folder may hold anything; what somebody pastes into a shell names it and does nothing else. */
export function shellWord(text: string): string {
  return /^[\w.@/+:][\w.@/+:-]*$/.test(text) ? text : quotedWord(text);
}

/** Any word of a line, also a flag or KEY=VALUE: as it is where that is safe. */
export function lineWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quotedWord(text);
}

const CONTROL = /\p{Cc}/u;

/** A terminal acts on control characters before the shell sees a quote: they are spelt, as bash and zsh read it. */
function quotedWord(text: string): string {
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${text.replaceAll(/[\p{Cc}\\']/gu, spelt)}'`;
}

function spelt(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
