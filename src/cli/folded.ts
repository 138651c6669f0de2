/** A word with the blanks before it; what stands in quotes is one word. */
const WORD = /\s*(?:'[^']*'|"[^"]*"|[^\s'"])+/g;
const CONTINUED = ' \\';
const INDENT = '    ';

/** A command line on several where it is longer than `width`, broken before its flags as a person would do it. */
export function folded(line: string, width: number): string {
  const lines = [''];
  for (const part of parts(line)) {
    const last = lines.at(-1) ?? '';
    const fits = last.length + part.length + CONTINUED.length <= width || last.trim() === '';
    if (fits) lines[lines.length - 1] = last + part;
    else lines.push(INDENT + part.trimStart());
  }
  return lines.join(`${CONTINUED}\n`);
}

/** The verb and what it is about, then each flag with its value. */
function parts(line: string): readonly string[] {
  const found: string[] = [];
  for (const [word] of line.matchAll(WORD)) {
    const isFlag = word.trimStart().startsWith('-');
    if (isFlag || found.length === 0) found.push(word);
    else found[found.length - 1] += word;
  }
  return found;
}
