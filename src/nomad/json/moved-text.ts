import type { Span } from './parse.ts';

/** From here on, a text stands for another: one character for one character, or all for one place. */
interface Mark {
  readonly at: number;
  readonly original: number;
  readonly copied: boolean;
}

/** A text that is made from another and knows for each of its characters where that came from. */
export class MovedText {
  #text = '';
  readonly #marks: Mark[] = [];

  get text(): string {
    return this.#text;
  }

  /** What stands for one place of the original. */
  add(text: string, original: number): void {
    this.#mark({ at: this.#text.length, original, copied: false });
    this.#text += text;
  }

  /** What was taken over as it is. */
  copy(text: string, original: number): void {
    const last = this.#marks.at(-1);
    const goesOn = last?.copied && last.original + this.#text.length - last.at === original;
    if (!goesOn) this.#mark({ at: this.#text.length, original, copied: true });
    this.#text += text;
  }

  #mark(mark: Mark): void {
    if (this.#marks.at(-1)?.at === mark.at) this.#marks.pop();
    this.#marks.push(mark);
  }

  originalOf({ start, end }: Span): Span {
    const from = this.#originalAt(start);
    return { start: from, end: Math.max(from, this.#originalAt(end)) };
  }

  #originalAt(offset: number): number {
    let low = 0;
    let high = this.#marks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#marks[middle]?.at ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const mark = this.#marks[low];
    if (!mark) return 0;
    return mark.copied ? mark.original + offset - mark.at : mark.original;
  }
}
