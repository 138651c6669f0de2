/**
 * Cuts a stream of text into lines. Invariant: `#parts` are the pieces, in order, of the one line that has not ended
 * yet; they are joined once, when it ends, so that a long line costs no more than its length.
 */
export class Lines {
  #parts: string[] = [];

  /** The lines that end in this chunk, without their newline; blank lines are left out. */
  push(chunk: string): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      this.#parts.push(chunk.slice(start, end));
      const line = this.#parts.length === 1 ? this.#parts[0] : this.#parts.join('');
      this.#parts = [];
      if (line) lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#parts.push(start === 0 ? chunk : chunk.slice(start));
    return lines;
  }

  /** Whether the stream so far ends inside a line. */
  get pending(): boolean {
    return this.#parts.length > 0;
  }
}
