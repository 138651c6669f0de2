/** Flags of kubectl that say whom a command is about; each takes a value. */
const addressing = ['-n', '--namespace', '--context', '--kubeconfig'];

/**
 * The same words with such flags that stand before the verb behind it, because kubectl takes them at any place:
 * `-n media volumes list` → `volumes list -n media`. What comes after the verb stays as it is.
 */
export function verbFirst(argv: readonly string[]): readonly string[] {
  const flags = leadingFlags(argv);
  const rest = argv.slice(flags.length);
  if (flags.length === 0 || rest.length === 0) return argv;
  const end = rest.indexOf('--');
  return end === -1 ? [...rest, ...flags] : [...rest.slice(0, end), ...flags, ...rest.slice(end)];
}

function leadingFlags(argv: readonly string[]): readonly string[] {
  let end = 0;
  for (;;) {
    const word = argv[end] ?? '';
    if (addressing.includes(word) && end + 1 < argv.length) end += 2;
    else if (addressing.some((flag) => isJoined(word, flag))) end += 1;
    else return argv.slice(0, end);
  }
}

/** `--namespace=media`, `-nmedia`. */
function isJoined(word: string, flag: string): boolean {
  return flag.startsWith('--') ? word.startsWith(`${flag}=`) : word.startsWith(flag) && word.length > flag.length;
}
