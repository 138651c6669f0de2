/** `*` stands for any run of characters but `/`, `?` for one of them; everything else for itself. Linear in time per star. */
export function globMatches(glob: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let index = 0;
  while (index < text.length) {
    const wanted = glob[at];
    if (wanted === '*') {
      star = at;
      resume = index;
      at += 1;
    } else if (wanted === text[index] || (wanted === '?' && text[index] !== '/')) {
      at += 1;
      index += 1;
    } else if (star >= 0 && text[resume] !== '/') {
      resume += 1;
      index = resume;
      at = star + 1;
    } else return false;
  }
  while (glob[at] === '*') at += 1;
  return at === glob.length;
}
