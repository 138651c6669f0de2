/** How V8 runs what follows: what is better depends on how much it is, and V8 cannot know. */
export type Pace = 'usual' | 'short' | 'frugal';

/**
 * Flags of V8 13.6, all with a value for each pace.
 *
 * A `short` run ends before code that is optimized for a long one would be worth its compiling, and before anything is
 * worth to be collected: the part of the heap where objects are born grows at once instead of being emptied five times.
 * In a `frugal` one that part stays small: 250 MB instead of 370 for 500 jobs; bin/start.js says why.
 *
 * After any change V8 refuses compiled code that was kept before, Node's own modules included: it is made when what is
 * needed of them is loaded, and `usual` again before something is kept.
 */
const flags: Readonly<Record<Pace, string>> = {
  usual: '--turbofan --maglev --regexp-tier-up --semi-space-growth-factor=2',
  short: '--no-turbofan --no-maglev --no-regexp-tier-up --semi-space-growth-factor=8',
  frugal: '--turbofan --maglev --regexp-tier-up --semi-space-growth-factor=1',
};

/** Said once more, it changes nothing. */
export function setPace(pace: Pace): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(flags[pace]);
}
