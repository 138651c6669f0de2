/** The command line of a Raspberry Pi's kernel: one line; what stands in a second one is not read. */

/** kubelet limits memory, and the firmware turns that off where nobody asks for it. */
export const MEMORY_WORDS = ['cgroup_enable=memory', 'cgroup_memory=1'] as const;

/** The line with these words at its end, each once. */
export function withKernelWords(text: string, words: readonly string[]): string {
  const present = text
    .split('\n')
    .join(' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  return `${[...present, ...words.filter((word) => !present.includes(word))].join(' ')}\n`;
}
